// SPDX-License-Identifier: Apache-2.0
#include "results/change.h"

#include <algorithm>
#include <cmath>

#include "results/at_most.h"

namespace nbits {
namespace {

constexpr double kMemoryNoise = 0.02;  // Of the peak; page reclaim moves it that much.
constexpr double kTimeNoise = 0.03;    // Of the median, where the original ran once only.
constexpr double kTooNoisy = 0.15;     // Times that scatter more leave nothing to say.
constexpr size_t kLeastRuns = 3;       // Fewer do not show how much they scatter.

double NoiseFloorOfTimes(const NoiseFloor& noise) {
  return noise.time_ratio_spread > 0 ? noise.time_ratio_spread : kTimeNoise;
}

bool IsTimed(const VariantResult& row) {
  if (!row.median_ms || !row.spread_ms) return false;
  return row.times_ms.empty() || row.times_ms.size() >= kLeastRuns;
}

// A machine that is busy for a while moves medians, but hardly the fastest run.
bool FastestRunsContradict(const VariantResult& original, const VariantResult& variant) {
  if (!original.min_ms || !variant.min_ms) return false;
  const bool slower = *variant.median_ms > *original.median_ms;
  return slower ? *variant.min_ms <= *original.min_ms : *variant.min_ms >= *original.min_ms;
}

}  // namespace

const char* ChangeName(Change change) {
  constexpr const char* kNames[] = {"unknown", "noisy", "same", "less", "more"};
  return kNames[static_cast<size_t>(change)];
}

const VariantResult* OriginalOf(const Results& results) {
  for (const VariantResult& variant : results.variants) {
    if (variant.is_original) return &variant;
  }
  return nullptr;
}

double TimeScatter(const VariantResult& row, const NoiseFloor& noise) {
  const double half = row.spread_ms.value_or(0) / 2;
  const double median = std::max(row.median_ms.value_or(0), 1e-9);
  return std::max(NoiseFloorOfTimes(noise), half / median);
}

Change TimeChange(const VariantResult& original, const VariantResult& variant,
                  const NoiseFloor& noise) {
  if (!IsTimed(original) || !IsTimed(variant)) return Change::kUnknown;
  const double difference = *variant.median_ms - *original.median_ms;
  const double spread = std::max(*original.spread_ms, *variant.spread_ms);
  const double floor = std::max(spread, NoiseFloorOfTimes(noise) * *original.median_ms);
  if (AtMost(std::abs(difference), floor)) {
    const double scatter = std::max(TimeScatter(original, noise), TimeScatter(variant, noise));
    return AtMost(scatter, kTooNoisy) ? Change::kSame : Change::kNoisy;
  }
  if (FastestRunsContradict(original, variant)) return Change::kNoisy;
  return difference < 0 ? Change::kLess : Change::kMore;
}

Change MemoryChange(const VariantResult& original, const VariantResult& variant,
                    const NoiseFloor& noise) {
  if (original.peak_memory_bytes.value_or(0) <= 0 || !variant.peak_memory_bytes) {
    return Change::kUnknown;
  }
  const double ratio = static_cast<double>(*variant.peak_memory_bytes) /
                       static_cast<double>(*original.peak_memory_bytes);
  const double floor = std::max(kMemoryNoise, 2 * noise.memory_ratio_spread.value_or(0));
  if (AtMost(std::abs(ratio - 1), floor)) return Change::kSame;
  return ratio < 1 ? Change::kLess : Change::kMore;
}

}  // namespace nbits

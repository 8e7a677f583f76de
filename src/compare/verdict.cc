// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace nbits {
namespace {

constexpr double kMemoryNoise = 0.02;   // Of the peak; page reclaim moves it that much.
constexpr double kTimeNoise = 0.03;     // Of the median, where the original ran once only.
constexpr double kWorthItsBytes = 1.1;  // The recommended variant may have so many times the
                                        // bytes of the smallest that is as fast and lean.

constexpr double kMostDisagreement = 10;  // With the original, in allowed losses.

// How a measure becomes a loss.
enum class Kind { kAgainstTruth, kShare, kDecibels };

struct Judged {
  using Member = std::optional<double> ResultMetrics::*;
  const char* name;
  Member member;
  Kind kind;
  double allowed;
};

std::vector<Judged> JudgedMeasures(const std::string& task) {
  const Judged agreement{"agreement", &ResultMetrics::agreement, Kind::kShare, 0.01};
  const bool discrete = task == "segmentation" || task == "classification";
  std::vector<Judged> measures = {
      {"miou", &ResultMetrics::miou, Kind::kAgainstTruth, 0.005},
      {"iou", &ResultMetrics::iou, Kind::kAgainstTruth, 0.005},
      {"top1", &ResultMetrics::top1, Kind::kAgainstTruth, 0.005},
      {"pixel_accuracy", &ResultMetrics::pixel_accuracy, Kind::kAgainstTruth, 0.005}};
  if (discrete) measures.push_back(agreement);
  measures.push_back({"psnr_db", &ResultMetrics::psnr_db, Kind::kDecibels, -40});
  measures.push_back({"snr_db", &ResultMetrics::snr_db, Kind::kDecibels, -40});
  if (!discrete) measures.push_back(agreement);
  return measures;
}

std::optional<double> Loss(const Judged& measure, const ResultMetrics& original,
                           const ResultMetrics& variant) {
  if (measure.kind == Kind::kDecibels && variant.max_relative_difference == 0) {
    return -std::numeric_limits<double>::infinity();
  }
  const auto& value = variant.*measure.member;
  if (!value) return std::nullopt;
  if (measure.kind == Kind::kDecibels) return -*value;
  if (measure.kind == Kind::kShare) return 1 - *value;
  const auto& before = original.*measure.member;
  return before ? std::optional<double>(*before - *value) : std::nullopt;
}

const VariantResult* Original(const Results& results) {
  for (const VariantResult& variant : results.variants) {
    if (variant.is_original) return &variant;
  }
  return nullptr;
}

// The first measure that the original and some variant have.
std::optional<Judged> MeasureOf(const Results& results, const VariantResult& original) {
  for (const Judged& measure : JudgedMeasures(results.task)) {
    for (const VariantResult& variant : results.variants) {
      if (variant.is_original || variant.error) continue;
      if (Loss(measure, original.metrics, variant.metrics)) return measure;
    }
  }
  return std::nullopt;
}

using Indices = std::vector<int>;

Indices Keep(const Indices& indices, const auto& condition) {
  Indices kept;
  std::copy_if(indices.begin(), indices.end(), std::back_inserter(kept), condition);
  return kept;
}

bool Slower(const VariantResult& original, const VariantResult& variant, const NoiseFloor& noise) {
  return TimeDiffers(original, variant, noise) && *variant.median_ms > *original.median_ms;
}

bool Fatter(const VariantResult& original, const VariantResult& variant, const NoiseFloor& noise) {
  return MemoryDiffers(original, variant, noise) &&
         *variant.peak_memory_bytes > *original.peak_memory_bytes;
}

// Indices of variants, narrowed step by step.
class VerdictMaker {
 public:
  VerdictMaker(const Results& results, const VariantResult& original, const Judged& measure,
               double allowed)
      : results_(results), original_(original), measure_(measure), allowed_(allowed) {}

  Verdict Make() const {
    Verdict verdict{measure_.name, allowed_, {}, {}};
    const Indices good = GoodEnough();
    if (good.empty()) return verdict;
    verdict.smallest = Smallest(good);
    verdict.recommended = LeastLoss(NearlySmallest(AsFastAndLean(good)));
    return verdict;
  }

 private:
  const VariantResult& At(int index) const { return results_.variants[static_cast<size_t>(index)]; }
  double LossAt(int index) const {
    return Loss(measure_, original_.metrics, At(index).metrics)
        .value_or(std::numeric_limits<double>::infinity());
  }

  // A score that was kept by luck, on quite other outputs, is none to rely on.
  bool Agrees(const VariantResult& variant) const {
    if (measure_.kind != Kind::kAgainstTruth || !variant.metrics.agreement) return true;
    return 1 - *variant.metrics.agreement <= kMostDisagreement * allowed_;
  }

  Indices GoodEnough() const {
    Indices good;
    for (int i = 0; i < static_cast<int>(results_.variants.size()); ++i) {
      const VariantResult& variant = At(i);
      if (variant.is_original || variant.error || variant.bytes >= original_.bytes) continue;
      if (LossAt(i) <= allowed_ && Agrees(variant)) good.push_back(i);
    }
    return good;
  }

  // Neither slower nor fatter than the original beyond noise; all when none is.
  Indices AsFastAndLean(const Indices& good) const {
    const Indices kept = Keep(good, [&](int i) {
      return !Slower(original_, At(i), results_.noise_floor) &&
             !Fatter(original_, At(i), results_.noise_floor);
    });
    return kept.empty() ? good : kept;
  }

  Indices NearlySmallest(const Indices& indices) const {
    const double most = kWorthItsBytes * static_cast<double>(At(Smallest(indices)).bytes);
    return Keep(indices, [&](int i) { return static_cast<double>(At(i).bytes) <= most; });
  }

  int Smallest(const Indices& indices) const {
    return *std::min_element(indices.begin(), indices.end(),
                             [&](int a, int b) { return At(a).bytes < At(b).bytes; });
  }

  int LeastLoss(const Indices& indices) const {
    return *std::min_element(indices.begin(), indices.end(), [&](int a, int b) {
      return std::pair(LossAt(a), At(a).bytes) < std::pair(LossAt(b), At(b).bytes);
    });
  }

  const Results& results_;
  const VariantResult& original_;
  const Judged& measure_;
  const double allowed_;
};

}  // namespace

bool TimeDiffers(const VariantResult& original, const VariantResult& variant,
                 const NoiseFloor& noise) {
  if (!original.median_ms || !variant.median_ms) return false;
  const double floor =
      (noise.time_ratio_spread > 0 ? noise.time_ratio_spread : kTimeNoise) * *original.median_ms;
  const double spread = std::max(original.spread_ms.value_or(0), variant.spread_ms.value_or(0));
  return std::abs(*variant.median_ms - *original.median_ms) > std::max(floor, spread);
}

bool MemoryDiffers(const VariantResult& original, const VariantResult& variant,
                   const NoiseFloor& noise) {
  if (!original.peak_memory_bytes || !variant.peak_memory_bytes) return false;
  const double before = static_cast<double>(*original.peak_memory_bytes);
  const double ratio = static_cast<double>(*variant.peak_memory_bytes) / before;
  return std::abs(ratio - 1) > std::max(kMemoryNoise, 2 * noise.memory_ratio_spread.value_or(0));
}

std::optional<double> LossOf(const Results& results, const Verdict& verdict,
                             const VariantResult& variant) {
  const VariantResult* original = Original(results);
  if (original == nullptr || variant.error) return std::nullopt;
  for (const Judged& measure : JudgedMeasures(results.task)) {
    if (verdict.metric == measure.name) return Loss(measure, original->metrics, variant.metrics);
  }
  return std::nullopt;
}

std::optional<Verdict> MakeVerdict(const Results& results, std::optional<double> allowed_loss) {
  const VariantResult* original = Original(results);
  if (original == nullptr) return std::nullopt;
  const std::optional<Judged> measure = MeasureOf(results, *original);
  if (!measure) return std::nullopt;
  return VerdictMaker(results, *original, *measure, allowed_loss.value_or(measure->allowed)).Make();
}

}  // namespace nbits

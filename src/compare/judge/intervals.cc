// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/intervals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "compare/judge/statistics.h"
#include "results/at_most.h"
#include "results/metric_fields.h"

namespace nbits {
namespace {

constexpr double kNormal = 1.959963984540054;  // 97.5th percentile.

using Scores = std::vector<const PictureScore*>;

// SplitMix64: the same numbers on every machine.
class Generator {
 public:
  explicit Generator(uint64_t seed) : state_(seed) {}
  // Of 0 to count - 1, all alike.
  size_t Below(size_t count) {
    uint64_t word = (state_ += 0x9e3779b97f4a7c15);
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
    word = (word ^ word >> 27) * 0x94d049bb133111eb;
    return static_cast<size_t>((word ^ word >> 31) >> 11) % count;
  }

 private:
  uint64_t state_;
};

// Whether a picture counts in a measure, and whether its answer is a yes, where it is yes or no.
struct Kind {
  bool PictureScore::*counts = nullptr;  // Null: every picture does.
  bool PictureScore::*answer = nullptr;  // Null: not a matter of yes or no.
};

Kind KindOf(const Task& task, const MetricField& field) {
  const std::string name = field.name;
  const bool whole_pictures = task.kind == TaskKind::kClassification;
  if (name == "top1") return {&PictureScore::labelled, &PictureScore::right};
  if (name == "top5") return {&PictureScore::labelled, &PictureScore::right_in_five};
  if (name == "top5_agreement") return {nullptr, &PictureScore::same_top5};
  if (name == "top1_agreement") return {nullptr, &PictureScore::same_top1};
  if (name == "agreement" && whole_pictures) return {nullptr, &PictureScore::same_top1};
  return {field.reference == Against::kTruth ? &PictureScore::masked : nullptr, nullptr};
}

int64_t CountOf(const Scores& scores, bool PictureScore::*counts) {
  return std::count_if(scores.begin(), scores.end(), [&](const PictureScore* each) {
    return counts == nullptr || each->*counts;
  });
}

// variant - original; decibels of the variant alone.
std::optional<double> Difference(const MetricField& field, const ResultMetrics& original,
                                 const ResultMetrics& variant) {
  const auto &before = original.*field.member, &after = variant.*field.member;
  if (!after || field.unit == Unit::kDecibels) return after;
  return before ? std::optional<double>(*after - *before) : std::nullopt;
}

// One list of differences per measure.
using DrawnDifferences = std::array<std::vector<double>, std::size(kMetricFields)>;

void Collect(const ResultMetrics& original, const ResultMetrics& variant, DrawnDifferences& all) {
  for (size_t i = 0; i < all.size(); ++i) {
    const auto difference = Difference(kMetricFields[i], original, variant);
    if (difference) all[i].push_back(*difference);
  }
}

DrawnDifferences Resampled(const Task& task, const Scores& original, const Scores& variant,
                           int resamples) {
  DrawnDifferences all;
  ScoreSums before(task), after(task);
  std::vector<int> times(original.size());
  for (int i = 0; i < resamples; ++i) {
    Generator generator(static_cast<uint64_t>(i) << 32);
    std::fill(times.begin(), times.end(), 0);
    for (size_t drawn = 0; drawn < times.size(); ++drawn) ++times[generator.Below(times.size())];
    before.Clear();
    after.Clear();
    for (size_t picture = 0; picture < times.size(); ++picture) {
      if (times[picture] == 0) continue;
      before.Add(*original[picture], times[picture]);
      after.Add(*variant[picture], times[picture]);
    }
    Collect(before.Metrics(), after.Metrics(), all);
  }
  return all;
}

Interval Stretched(double figure, const std::vector<double>& differences, int64_t pictures) {
  const double n = static_cast<double>(pictures);
  const double factor = std::sqrt(n / (n - 1)) * StudentsT(pictures - 1) / kNormal;
  const double low = Quantile(differences, 0.025), high = Quantile(differences, 0.975);
  return {figure - factor * std::max(0.0, figure - low),
          figure + factor * std::max(0.0, high - figure)};
}

// Of pairs of yes and no: half a picture is added to each of the four cases.
Interval AgrestiMin(const Scores& original, const Scores& variant, const Kind& kind) {
  double lost = 0.5, won = 0.5, all = 2;
  for (size_t i = 0; i < original.size(); ++i) {
    if (kind.counts != nullptr && !(original[i]->*kind.counts)) continue;
    const bool before = original[i]->*kind.answer, after = variant[i]->*kind.answer;
    ++all;
    lost += before && !after;
    won += after && !before;
  }
  const double difference = (won - lost) / all;
  const double half = kNormal * std::sqrt(lost + won - (won - lost) * (won - lost) / all) / all;
  return {difference - half, difference + half};
}

// A share stays one.
Interval Clipped(const MetricField& field, Interval interval, const std::optional<double>& before) {
  if (field.unit != Unit::kShare || !before) return interval;
  return {std::max(interval.low, -*before), std::min(interval.high, 1 - *before)};
}

}  // namespace

double StudentsT(int64_t degrees_of_freedom) {
  constexpr double kFew[] = {12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836,
                             2.446911851,  2.364624252, 2.306004135, 2.262157163, 2.228138852};
  const int64_t few = static_cast<int64_t>(std::size(kFew));
  if (degrees_of_freedom <= 0) return kInfinite;
  if (degrees_of_freedom <= few) return kFew[degrees_of_freedom - 1];
  // Abramowitz and Stegun, 26.7.5.
  const double z = kNormal, v = static_cast<double>(degrees_of_freedom);
  const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
  return z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
}

std::map<std::string, Interval> IntervalsOf(const Task& task, const Scores& original,
                                            const Scores& variant, const ResultMetrics& measured,
                                            int resamples) {
  std::map<std::string, Interval> intervals;
  if (original.empty() || original.size() != variant.size()) return intervals;
  const DrawnDifferences drawn = Resampled(task, original, variant, resamples);
  ScoreSums before(task), after(task);
  for (const PictureScore* score : original) before.Add(*score, 1);
  for (const PictureScore* score : variant) after.Add(*score, 1);
  const ResultMetrics first = before.Metrics(), second = after.Metrics();
  for (size_t i = 0; i < drawn.size(); ++i) {
    const MetricField& field = kMetricFields[i];
    const auto figure = Difference(field, first, second);
    if (!figure || drawn[i].empty() || !(measured.*field.member)) continue;
    const Kind kind = KindOf(task, field);
    const int64_t pictures = CountOf(original, kind.counts);
    Interval interval{-kInfinite, kInfinite};
    if (pictures > 1) {
      interval = Stretched(*figure, drawn[i], pictures);
      if (kind.answer != nullptr) {
        const Interval few = AgrestiMin(original, variant, kind);
        interval = {std::min(interval.low, few.low), std::max(interval.high, few.high)};
      }
      interval = Clipped(field, interval, first.*field.member);
    }
    intervals[field.name] = interval;
  }
  return intervals;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "results/words.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/figures.h"
#include "base/printable.h"
#include "results/change.h"

namespace nbits {
namespace {

std::string JudgedTitle(const std::optional<JudgedClass>& judged) {
  if (!judged) return "IoU";
  if (judged->label.empty()) return absl::StrCat("IoU of class ", judged->id);
  return absl::StrCat("IoU of ", Printable(judged->label));
}

}  // namespace

std::string MillisecondsText(double time) {
  if (time > 0 && time < 1) return absl::StrFormat("%.3f ms", time);
  return absl::StrFormat("%.1f ms", time);
}

std::string PointsText(double share) {
  const double points = std::abs(100 * share);
  std::string number =
      points < 0.005 ? absl::StrFormat("%.1g", points) : absl::StrFormat("%.2f", points);
  if (absl::StrContains(number, '.') && !absl::StrContains(number, 'e')) {
    number.resize(number.find_last_not_of('0') + 1);
    number.resize(number.find_last_not_of('.') + 1);
  }
  return absl::StrCat(number, " point", number == "1" ? "" : "s");
}

std::string PerCentText(double share) { return absl::StrFormat("%.3g %%", 100 * share); }

std::string MeasureText(absl::string_view measure, double value) {
  if (absl::EndsWith(measure, "_db")) return absl::StrFormat("%.1f dB", value);
  if (measure == "max_relative_difference") return absl::StrFormat("%.2g", value);
  // Rounded down, so that 99.996 % never reads as a perfect 100 %; the page does the same.
  constexpr double kNoise = 1e-6;  // Of what 0.57 and the like lose as binary fractions.
  return absl::StrFormat("%.2f %%", std::floor(10000 * value + kNoise) / 100);
}

std::string MeasureTitle(const Results& results, absl::string_view measure) {
  if (measure == "iou") return JudgedTitle(results.judged_class);
  const MetricField* field = FindMetric(measure);
  return field != nullptr ? field->title : std::string(measure);
}

std::string IntervalText(const MetricField& measure, const VariantResult& variant) {
  const auto found = variant.intervals.find(measure.name);
  if (found == variant.intervals.end()) return "";
  const auto& [low, high] = found->second;
  if (!std::isfinite(low) || !std::isfinite(high) || high - low < 5e-5) return "";
  if (measure.unit == Unit::kDecibels) return absl::StrFormat(" (%.1f to %.1f)", low, high);
  // Rounding must not make a loss of nothing look like one.
  return absl::StrFormat(" (%+.2f to %+.2f)", 100 * low, 100 * high);
}

std::string EqualText(const MetricField& measure, const VariantResult& variant) {
  const bool equal = measure.unit == Unit::kDecibels && !variant.is_original &&
                     variant.metrics.max_relative_difference == 0;
  return equal ? "equal" : "";
}

std::string SamplesText(const Results& results) {
  const auto count = static_cast<int64_t>(results.pictures.size());
  std::string text = CountText(count, results.task == "arrays" ? "sample" : "picture");
  if (results.truth && results.truth_pictures.value_or(count) < count) {
    const char* const truth = results.task == "segmentation" ? "masks"
                              : results.task == "detection"  ? "true boxes"
                                                             : "true classes";
    absl::StrAppend(&text, ", ", truth, " for ", *results.truth_pictures, " of them");
  }
  const VariantResult* original = OriginalOf(results);
  if (original != nullptr && original->median_ms) {
    absl::StrAppendFormat(&text, "; times are known to %.1f %%",
                          100 * TimeScatter(*original, results.noise_floor));
  }
  return text + "; ";
}

std::string LimitText(const Results& results, const MetricField& measure, double allowed_loss) {
  const std::string title = MeasureTitle(results, measure.name);
  if (measure.unit == Unit::kDecibels) {
    return absl::StrFormat("%s of at least %.4g dB", title, -allowed_loss);
  }
  if (measure.reference == Against::kOriginal) {
    return absl::StrCat(title, " of at least ", PerCentText(1 - allowed_loss));
  }
  return absl::StrCat(title, " at most ", PointsText(allowed_loss), " below the original");
}

}  // namespace nbits

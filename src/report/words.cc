// SPDX-License-Identifier: Apache-2.0
#include "report/words.h"

#include <cmath>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compare/metric_fields.h"
#include "compare/verdict.h"
#include "nbits/report.h"

namespace nbits {
namespace {

struct Title {
  absl::string_view measure, title;
};
constexpr Title kTitles[] = {{"miou", "mIoU"},
                             {"pixel_accuracy", "pixel accuracy"},
                             {"boundary_f", "boundary F"},
                             {"agreement_miou", "agreement mIoU"},
                             {"agreement_boundary_f", "agreement boundary F"},
                             {"top1", "top 1"},
                             {"top5", "top 5"},
                             {"top1_agreement", "same top 1"},
                             {"top5_agreement", "same top 5"},
                             {"snr_db", "SNR"},
                             {"psnr_db", "PSNR"},
                             {"max_relative_difference", "max difference"}};

std::optional<double> MeasureOf(const ResultMetrics& metrics, absl::string_view name) {
  for (const MetricField& field : kMetricFields) {
    if (name == field.name) return metrics.*field.member;
  }
  return std::nullopt;
}

std::string JudgedTitle(const std::optional<JudgedClass>& judged) {
  if (!judged) return "IoU";
  if (judged->label.empty()) return absl::StrCat("IoU of class ", judged->id);
  return absl::StrCat("IoU of ", judged->label);
}

// "8-linear: 2.32 MB instead of 8.43 MB, 3.6 times smaller, mIoU 71.00 %".
std::string Offer(const Results& results, int index, const std::string& metric) {
  const VariantResult& original = results.variants.front();
  const VariantResult& variant = results.variants[static_cast<size_t>(index)];
  std::string text =
      absl::StrFormat("%s: %s instead of %s, %.1f times smaller", variant.name,
                      MegabytesText(variant.bytes), MegabytesText(original.bytes),
                      static_cast<double>(original.bytes) / static_cast<double>(variant.bytes));
  if (variant.metrics.max_relative_difference == 0) return text + ", equal outputs";
  if (const auto value = MeasureOf(variant.metrics, metric)) {
    absl::StrAppend(&text, ", ", MeasureTitle(results, metric), " ", MeasureText(metric, *value));
  }
  return text;
}

std::string Change(const char* what, bool differs, const std::string& before,
                   const std::string& after) {
  if (differs) return absl::StrCat(what, " went from ", before, " to ", after);
  return absl::StrCat(what, " did not change beyond noise (", before, ", ", after, ")");
}

// What became of time and memory, honestly.
std::string Costs(const Results& results, int index) {
  const VariantResult& original = results.variants.front();
  const VariantResult& variant = results.variants[static_cast<size_t>(index)];
  std::vector<std::string> parts;
  if (original.median_ms && variant.median_ms) {
    parts.push_back(Change("Time", TimeDiffers(original, variant, results.noise_floor),
                           MillisecondsText(*original.median_ms),
                           MillisecondsText(*variant.median_ms)));
  }
  if (original.peak_memory_bytes && variant.peak_memory_bytes) {
    parts.push_back(Change("memory", MemoryDiffers(original, variant, results.noise_floor),
                           MegabytesText(*original.peak_memory_bytes),
                           MegabytesText(*variant.peak_memory_bytes)));
  }
  return parts.empty() ? "" : absl::StrCat(absl::StrJoin(parts, "; "), ".");
}

}  // namespace

std::string MegabytesText(int64_t bytes) {
  if (bytes < 100000) return absl::StrFormat("%.1f kB", static_cast<double>(bytes) / 1e3);
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return bytes < 10000000 ? absl::StrFormat("%.2f MB", megabytes)
                          : absl::StrFormat("%.1f MB", megabytes);
}

std::string MillisecondsText(double time) { return absl::StrFormat("%.1f ms", time); }

std::string MeasureText(absl::string_view measure, double value) {
  if (absl::EndsWith(measure, "_db")) return absl::StrFormat("%.1f dB", value);
  if (measure == "max_relative_difference") return absl::StrFormat("%.2g", value);
  // Rounded down, so that 99.996 % never reads as a perfect 100 %; the page does the same.
  constexpr double kNoise = 1e-6;  // Of what 0.57 and the like lose as binary fractions.
  return absl::StrFormat("%.2f %%", std::floor(10000 * value + kNoise) / 100);
}

std::string MeasureTitle(const Results& results, absl::string_view measure) {
  if (measure == "iou") return JudgedTitle(results.judged_class);
  for (const Title& title : kTitles) {
    if (title.measure == measure) return std::string(title.title);
  }
  return std::string(measure);
}

std::string VerdictText(const Results& results) {
  if (!results.verdict) return "Nothing was measured that a verdict could rest on.";
  const Verdict& verdict = *results.verdict;
  if (!verdict.recommended) {
    return absl::StrCat("No smaller variant is within the allowed loss of ",
                        MeasureTitle(results, verdict.metric), ".");
  }
  std::string text = absl::StrCat("Take ", Offer(results, *verdict.recommended, verdict.metric),
                                  ". ", Costs(results, *verdict.recommended));
  if (verdict.smallest && verdict.smallest != verdict.recommended) {
    absl::StrAppend(&text, "\nThe smallest within the allowed loss is ",
                    Offer(results, *verdict.smallest, verdict.metric), ".");
  }
  return text;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// The one table of measures: from it come the columns of every table, the members of results.json,
// the names that conditions know, and what the page says about them.
#ifndef NBITS_RESULTS_METRIC_FIELDS_H_
#define NBITS_RESULTS_METRIC_FIELDS_H_

#include "absl/strings/string_view.h"
#include "nbits/results.h"

namespace nbits {

enum class Unit { kShare, kDecibels, kNumber };  // Shares are 0..1 wherever a program reads them.
enum class Against { kTruth, kOriginal };        // What a variant's output is set against.

struct MetricField {
  using Member = std::optional<double> ResultMetrics::*;
  const char* name;  // In results.json, results.csv and conditions.
  Member member;
  const char* title;    // At the head of a column.
  const char* meaning;  // One sentence without its full stop.
  Unit unit;
  Against reference;
  bool less_is_better = false;
};

inline constexpr MetricField kMetricFields[] = {
    {"agreement", &ResultMetrics::agreement, "agreement",
     "Share of pixels, classes or values that equal those of the original", Unit::kShare,
     Against::kOriginal},
    {"agreement_miou", &ResultMetrics::agreement_miou, "agreement mIoU",
     "Mean intersection over union with the masks of the original", Unit::kShare,
     Against::kOriginal},
    {"miou", &ResultMetrics::miou, "mIoU", "Mean intersection over union with the true masks",
     Unit::kShare, Against::kTruth},
    {"iou", &ResultMetrics::iou, "IoU",
     "Intersection over union with the true masks, of the class that they mark", Unit::kShare,
     Against::kTruth},
    {"pixel_accuracy", &ResultMetrics::pixel_accuracy, "pixel accuracy",
     "Share of pixels whose class is the true one", Unit::kShare, Against::kTruth},
    {"boundary_f", &ResultMetrics::boundary_f, "boundary F",
     "How well outlines follow the true ones", Unit::kShare, Against::kTruth},
    {"agreement_boundary_f", &ResultMetrics::agreement_boundary_f, "agreement boundary F",
     "How well outlines follow those of the original", Unit::kShare, Against::kOriginal},
    {"top1", &ResultMetrics::top1, "top 1",
     "Share of pictures whose likeliest class is the true one", Unit::kShare, Against::kTruth},
    {"top5", &ResultMetrics::top5, "top 5",
     "Share of pictures whose true class is among the likeliest five", Unit::kShare,
     Against::kTruth},
    {"top1_agreement", &ResultMetrics::top1_agreement, "same top 1",
     "Share of pictures with the same likeliest class as the original", Unit::kShare,
     Against::kOriginal},
    {"top5_agreement", &ResultMetrics::top5_agreement, "same top 5",
     "Share of pictures whose likeliest five hold the likeliest class of the original",
     Unit::kShare, Against::kOriginal},
    {"map50", &ResultMetrics::map50, "mAP",
     "Mean average precision against the true boxes, at an overlap of a half", Unit::kShare,
     Against::kTruth},
    {"agreement_map50", &ResultMetrics::agreement_map50, "agreement mAP",
     "Mean average precision with the boxes of the original for the true ones", Unit::kShare,
     Against::kOriginal},
    {"agreement_precision", &ResultMetrics::agreement_precision, "agreement precision",
     "Share of the boxes found that the original found too", Unit::kShare, Against::kOriginal},
    {"agreement_recall", &ResultMetrics::agreement_recall, "agreement recall",
     "Share of the boxes of the original that were found", Unit::kShare, Against::kOriginal},
    {"snr_db", &ResultMetrics::snr_db, "SNR",
     "Signal to noise of the outputs, the output of the original being the signal", Unit::kDecibels,
     Against::kOriginal},
    {"psnr_db", &ResultMetrics::psnr_db, "PSNR",
     "Peak signal to noise of the outputs, the peak being that of the original", Unit::kDecibels,
     Against::kOriginal},
    {"max_relative_difference", &ResultMetrics::max_relative_difference, "max difference",
     "Largest difference from the original, relative to its largest value", Unit::kNumber,
     Against::kOriginal, /*less_is_better=*/true},
};

// Null for a name that is none.
inline const MetricField* FindMetric(absl::string_view name) {
  for (const MetricField& field : kMetricFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

}  // namespace nbits

#endif  // NBITS_RESULTS_METRIC_FIELDS_H_

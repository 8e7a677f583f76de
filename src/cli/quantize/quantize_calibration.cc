// SPDX-License-Identifier: Apache-2.0
// What nbits quantize --calibrate says of its work.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/quantize/quantize_report.h"

namespace nbits::cli {
namespace {

struct Counts {
  size_t calibrated = 0, plain = 0, data_free = 0;
  const CalibratedWeight* worst = nullptr;  // Of the layers that were judged.
};

double StoredError(const CalibratedWeight& weight) {
  return weight.outcome == CalibrationOutcome::kCalibrated ? weight.calibrated_error
                                                           : weight.plain_error;
}

Counts CountOutcomes(const CalibrationReport& report) {
  Counts counts;
  for (const CalibratedWeight& weight : report.weights) {
    if (weight.outcome == CalibrationOutcome::kDataFree) {
      ++counts.data_free;
      continue;
    }
    ++(weight.outcome == CalibrationOutcome::kCalibrated ? counts.calibrated : counts.plain);
    const bool is_worse =
        counts.worst == nullptr || StoredError(weight) > StoredError(*counts.worst);
    if (is_worse) counts.worst = &weight;
  }
  return counts;
}

}  // namespace

std::string CalibrationText(const CalibrationReport& report) {
  const Counts counts = CountOutcomes(report);
  std::string text = absl::StrCat("Calibrated ", counts.calibrated, " of ", report.weights.size(),
                                  " quantized weights on ", report.pictures.size(), " pictures");
  if (report.pictures != report.held_back) {
    absl::StrAppend(&text, ", judged on ", report.held_back.size(), " held back");
  }
  if (counts.plain > 0) {
    absl::StrAppend(&text, "; ", counts.plain, " are as well off with plain rounding and have it");
  }
  if (counts.data_free > 0) {
    absl::StrAppend(&text, "; ", counts.data_free, " are quantized without pictures");
  }
  if (counts.worst != nullptr) {
    absl::StrAppendFormat(&text,
                          ". The largest error of a layer's outputs is %.2g %% of them, in %s",
                          100 * StoredError(*counts.worst), counts.worst->path);
  }
  return text;
}

}  // namespace nbits::cli

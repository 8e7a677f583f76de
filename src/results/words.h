// SPDX-License-Identifier: Apache-2.0
// Figures as people read them.
#ifndef NBITS_RESULTS_WORDS_H_
#define NBITS_RESULTS_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nbits/results.h"
#include "results/metric_fields.h"

namespace nbits {

std::string MillisecondsText(double time);  // "74.6 ms", "0.213 ms".
std::string PointsText(double share);       // "0.5 points" for 0.005.
std::string PerCentText(double share);      // "12.3 %".

// A measure's value with its unit: "99.87 %", "41.2 dB", "0.013".
std::string MeasureText(absl::string_view measure, double value);
// "mIoU", "agreement", "IoU of person", ...
std::string MeasureTitle(const Results& results, absl::string_view measure);

// " (-0.4 to 0.2)": where the difference from the original lies, in the measure's unit; empty where
// that is not known or no more than the figure itself says.
std::string IntervalText(const MetricField& measure, const VariantResult& variant);
// "equal" where a measure in decibels has no value because the outputs are the same; else empty.
std::string EqualText(const MetricField& measure, const VariantResult& variant);
// "4 pictures, true masks for 2 of them; times are known to 3.0 %; ".
std::string SamplesText(const Results& results);

// What became of time and memory, without a full stop; empty where they were not measured.
std::string TimeWords(const VariantResult& original, const VariantResult& variant,
                      const NoiseFloor& noise);
std::string MemoryWords(const VariantResult& original, const VariantResult& variant,
                        const NoiseFloor& noise);

// What a loss may be: "mIoU at most 0.5 points below the original", "PSNR of at least 40.0 dB".
std::string LimitText(const Results& results, const MetricField& measure, double allowed_loss);

// The verdict: a headline, and sentences that follow it.
std::vector<std::string> VerdictSentences(const Results& results,
                                          const std::optional<Verdict>& verdict);

}  // namespace nbits

#endif  // NBITS_RESULTS_WORDS_H_

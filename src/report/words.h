// SPDX-License-Identifier: Apache-2.0
// Figures as people read them.
#ifndef NBITS_SRC_REPORT_WORDS_H_
#define NBITS_SRC_REPORT_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "nbits/results.h"

namespace nbits {

std::string MegabytesText(int64_t bytes);   // "4.27 MB", "627.2 kB".
std::string MillisecondsText(double time);  // "74.6 ms".

// A measure's value with its unit: "99.87 %", "41.2 dB", "0.013".
std::string MeasureText(absl::string_view measure, double value);
// "mIoU", "agreement", "IoU of person", ...
std::string MeasureTitle(const Results& results, absl::string_view measure);

}  // namespace nbits

#endif  // NBITS_SRC_REPORT_WORDS_H_

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_join.h"
#include "nbits/report.h"
#include "results/words.h"

namespace nbits {

std::string VerdictText(const Results& results) {
  return absl::StrJoin(VerdictSentences(results, results.verdict), "\n");
}

std::string SamplesSummary(const Results& results) {
  std::string text = SamplesText(results);
  text.resize(text.find_last_not_of("; ") + 1);
  return text;
}

}  // namespace nbits

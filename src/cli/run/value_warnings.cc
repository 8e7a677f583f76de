// SPDX-License-Identifier: Apache-2.0
#include "cli/run/value_warnings.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "nbits/metrics.h"

namespace nbits::cli {

void WarnOfNonFinite(const TensorMap& outputs) {
  const std::string text = Printable(NonFiniteText(CountNonFinite(outputs)));
  if (!text.empty()) std::fprintf(stderr, "nbits: warning: %s\n", text.c_str());
}

void NoteWideTensors(const Predictor& predictor) {
  const int64_t count = predictor.wide_tensors();
  if (count == 0) return;
  const std::string tensors = count == 1 ? "1 tensor has" : absl::StrCat(count, " tensors have");
  std::fprintf(stderr, "nbits: note: %s values beyond Float16's range; stored in Float32 instead\n",
               tensors.c_str());
}

}  // namespace nbits::cli

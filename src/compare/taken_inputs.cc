// SPDX-License-Identifier: Apache-2.0
#include "compare/taken_inputs.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

// What an input takes that no file of a comparison holds; empty for the others.
const char* OtherKind(const FeatureDescription& input) {
  switch (input.kind) {
    case FeatureKind::kString:
      return "text";
    case FeatureKind::kDictionary:
      return "a dictionary";
    case FeatureKind::kSequence:
      return "a sequence";
    case FeatureKind::kState:
    case FeatureKind::kOther:
      return "a value of a kind that is not known";
    default:
      return "";
  }
}

}  // namespace

absl::Status CheckTakesFiles(const std::vector<FeatureDescription>& inputs) {
  for (const FeatureDescription& input : inputs) {
    const std::string kind = input.optional ? "" : OtherKind(input);
    if (kind.empty()) continue;
    const bool runs = input.kind == FeatureKind::kString || input.kind == FeatureKind::kDictionary;
    return absl::InvalidArgumentError(absl::StrCat(
        "input '", input.name, "' takes ", kind,
        "; models are compared on pictures, arrays and numbers only",
        runs ? absl::StrCat(" (one at a time: nbits run MODEL -i ", input.name, "=VALUE)") : ""));
  }
  return absl::OkStatus();
}

}  // namespace nbits

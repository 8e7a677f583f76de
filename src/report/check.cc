// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "nbits/report.h"
#include "report/condition.h"

namespace nbits {

absl::Status CheckCondition(absl::string_view condition) {
  return Condition::Parse(condition).status();
}

absl::Status FailIf(const Results& results, absl::string_view condition) {
  NBITS_ASSIGN_OR_RETURN(const Condition parsed, Condition::Parse(condition));
  std::vector<std::string> failures;
  for (const VariantResult& variant : results.variants) {
    if (variant.is_original) continue;
    if (variant.error) {
      failures.push_back(absl::StrCat(variant.name, ": ", *variant.error));
      continue;
    }
    std::string reason;
    NBITS_ASSIGN_OR_RETURN(const bool holds,
                           parsed.Holds(results.variants.front(), variant, reason));
    if (holds) failures.push_back(absl::StrCat(variant.name, ": ", reason));
  }
  if (failures.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("fails if ", condition, ": ", absl::StrJoin(failures, "; ")));
}

}  // namespace nbits

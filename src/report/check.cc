// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "nbits/report.h"
#include "report/condition.h"
#include "results/change.h"
#include "results/words.h"

namespace nbits {
namespace {

// What became of a condition on all rows.
struct Findings {
  std::vector<std::string> failures, unknown;
};

// Why a row fails whatever is asked; empty when it does not.
std::string Trouble(const VariantResult& original, const VariantResult& variant) {
  if (variant.error) return Printable(*variant.error);
  if (variant.nonfinite_values <= original.nonfinite_values) return "";
  return absl::StrCat("its outputs hold ", CountText(variant.nonfinite_values, "value"),
                      " that are NaN or infinite");
}

void Judge(const Condition& condition, const Results& results, const VariantResult& original,
           const VariantResult& variant, Findings& findings) {
  std::string reason = Trouble(original, variant);
  if (reason.empty()) {
    const auto holds = condition.Holds(original, variant, results.noise_floor, reason);
    if (!holds.ok()) return findings.unknown.emplace_back(holds.status().message()), void();
    if (!*holds) return;
  }
  findings.failures.push_back(absl::StrCat(Printable(variant.name), ": ", reason));
}

// Whether the condition asks about the truth, and that is none of this model's.
bool RestsOnDoubtfulTruth(const Condition& condition, const Results& results) {
  if (!results.verdict || !results.verdict->doubtful_truth) return false;
  const std::vector<std::string> measures = condition.Measures();
  return std::any_of(measures.begin(), measures.end(), [](const std::string& name) {
    return FindMetric(name)->reference == Against::kTruth;
  });
}

}  // namespace

absl::Status CheckCondition(absl::string_view condition) {
  return Condition::Parse(condition).status();
}

absl::StatusOr<std::vector<std::string>> ConditionMeasures(absl::string_view condition) {
  NBITS_ASSIGN_OR_RETURN(const Condition parsed, Condition::Parse(condition));
  return parsed.Measures();
}

std::string ConditionFigures() { return ConditionNames(); }

absl::Status FailIf(const Results& results, absl::string_view condition) {
  NBITS_ASSIGN_OR_RETURN(const Condition parsed, Condition::Parse(condition));
  const VariantResult* original = OriginalOf(results);
  if (original == nullptr) {
    return absl::NotFoundError("no row of the results is the original's: nothing can be judged");
  }
  if (results.variants.size() < 2) {
    return absl::NotFoundError("the results hold no variant: nothing can be judged");
  }
  Findings findings;
  for (const VariantResult& variant : results.variants) {
    if (!variant.is_original) Judge(parsed, results, *original, variant, findings);
  }
  if (RestsOnDoubtfulTruth(parsed, results)) {
    findings.unknown.push_back(VerdictSentences(results, results.verdict)[0]);
  }
  if (findings.failures.empty() && findings.unknown.empty()) return absl::OkStatus();
  std::vector<std::string> all = findings.failures;
  all.insert(all.end(), findings.unknown.begin(), findings.unknown.end());
  const std::string text = absl::StrCat("fails if ", condition, ": ", absl::StrJoin(all, "; "));
  return findings.failures.empty() ? absl::NotFoundError(text)
                                   : absl::FailedPreconditionError(text);
}

}  // namespace nbits

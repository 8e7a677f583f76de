// SPDX-License-Identifier: Apache-2.0
// A condition on a variant's figures, such as "miou_drop > 0.5 or time_ratio > 1.1".
//
//   condition  = and-term { "or" and-term }
//   and-term   = factor { "and" factor }
//   factor     = "(" condition ")" | name operator number
//   operator   = ">" | ">=" | "<" | "<=" | "==" | "!="
//
// Names: every measure of results.json ("miou", "agreement", "psnr_db", ...), fractions in per
// cent; each with "_drop" behind it: the original's value minus the variant's, in points (decibels
// for
// "_db"); bytes_ratio, time_ratio, memory_ratio: variant / original; bytes, time_ms,
// memory_bytes.
#ifndef NBITS_SRC_REPORT_CONDITION_H_
#define NBITS_SRC_REPORT_CONDITION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/results.h"

namespace nbits {

// One comparison of the condition.
struct Comparand {
  std::string name, comparison;
  double number = 0;
};

class Condition {
 public:
  // InvalidArgument that says where the text stops being a condition, and names unknown names.
  static absl::StatusOr<Condition> Parse(absl::string_view text);

  // Whether it holds for a variant; when it does, `reason` says which figures made it so.
  // FailedPrecondition when a figure that decides was not measured.
  absl::StatusOr<bool> Holds(const VariantResult& original, const VariantResult& variant,
                             std::string& reason) const;

 private:
  friend class ConditionParser;
  enum class Kind { kComparison, kAnd, kOr };
  struct Node {
    Kind kind = Kind::kComparison;
    Comparand comparand = {};
    int left = -1, right = -1;  // Indices into nodes_.
  };
  absl::StatusOr<bool> Evaluate(int node, const VariantResult& original,
                                const VariantResult& variant, std::string& reason) const;

  std::vector<Node> nodes_;  // The root is the last.
};

}  // namespace nbits

#endif  // NBITS_SRC_REPORT_CONDITION_H_

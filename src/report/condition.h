// SPDX-License-Identifier: Apache-2.0
// A condition on a variant's figures, such as "miou_drop > 0.005 or time_ratio > 1.1".
//
//   condition  = and-term { "or" and-term }
//   and-term   = factor { "and" factor }
//   factor     = "(" condition ")" | name operator number [ "%" | "points" ]
//   operator   = ">" | ">=" | "<" | "<=" | "==" | "!="
//
// Names and units are those of results.json and results.csv: every measure ("miou", "agreement",
// "psnr_db", ...), shares being 0..1; each with "_drop" behind it: the original's value minus the
// variant's, and with "_drop_worst": the same at the worse end of its interval; bytes_ratio,
// time_ratio, memory_ratio: variant / original, of times and memory 1 where they do not differ
// beyond noise; bytes, time_ms, memory_bytes. "99%" is 0.99, and so is "99 points".
#ifndef NBITS_REPORT_CONDITION_H_
#define NBITS_REPORT_CONDITION_H_

#include <optional>
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

// All names that a condition may use, in one line.
std::string ConditionNames();

class Condition {
 public:
  // InvalidArgument that says where the text stops being a condition, and names unknown names.
  static absl::StatusOr<Condition> Parse(absl::string_view text);

  // Whether it holds for a variant; when it does, `reason` says which figures made it so.
  // NotFound when a figure that decides was not measured.
  absl::StatusOr<bool> Holds(const VariantResult& original, const VariantResult& variant,
                             const NoiseFloor& noise, std::string& reason) const;

  // The measures that it asks about, each once.
  std::vector<std::string> Measures() const;

 private:
  friend class ConditionParser;
  enum class Kind { kComparison, kAnd, kOr };
  struct Node {
    Kind kind = Kind::kComparison;
    Comparand comparand = {};
    int left = -1, right = -1;  // Indices into nodes_.
  };
  struct Rows {
    const VariantResult &original, &variant;
    const NoiseFloor& noise;
  };
  absl::StatusOr<bool> Evaluate(int node, const Rows& rows, std::string& reason) const;
  static std::optional<double> FigureOf(absl::string_view name, const Rows& rows);

  std::vector<Node> nodes_;  // The root is the last.
};

}  // namespace nbits

#endif  // NBITS_REPORT_CONDITION_H_

// SPDX-License-Identifier: Apache-2.0
#include "report/condition.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "results/at_most.h"
#include "results/change.h"
#include "results/loss.h"
#include "results/metric_fields.h"
#include "results/verdict.h"

namespace nbits {
namespace {

constexpr absl::string_view kDrop = "_drop", kWorst = "_worst";
constexpr int kDeepest = 64;  // Brackets within brackets.
constexpr std::array<absl::string_view, 6> kOperators = {">=", "<=", "==", "!=", ">", "<"};
constexpr std::array<absl::string_view, 6> kFigures = {"bytes",       "time_ms",    "memory_bytes",
                                                       "bytes_ratio", "time_ratio", "memory_ratio"};

// A name taken apart: a measure, and which of its figures.
struct MeasureName {
  const MetricField* measure = nullptr;  // Null: it is no measure's name.
  bool drop = false, worst = false;
};

MeasureName TakeApart(absl::string_view name) {
  MeasureName parts;
  parts.worst = absl::EndsWith(name, "_drop_worst") && absl::ConsumeSuffix(&name, kWorst);
  parts.drop = absl::ConsumeSuffix(&name, kDrop);
  parts.measure = FindMetric(name);
  return parts;
}

bool IsKnown(absl::string_view name) {
  const bool figure = std::find(kFigures.begin(), kFigures.end(), name) != kFigures.end();
  return figure || TakeApart(name).measure != nullptr;
}

std::optional<double> Ratio(std::optional<double> variant, std::optional<double> original) {
  if (!variant || !original || *original == 0) return std::nullopt;
  return *variant / *original;
}

std::optional<double> AsDouble(const std::optional<int64_t>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

// A ratio within the noise is none.
std::optional<double> BeyondNoise(Change change, std::optional<double> ratio) {
  if (change == Change::kUnknown) return std::nullopt;
  return change == Change::kLess || change == Change::kMore ? ratio : 1;
}

std::optional<double> MeasureFigure(const MeasureName& name, const VariantResult& original,
                                    const VariantResult& variant) {
  const bool decibels = name.measure->unit == Unit::kDecibels;
  const bool equal = decibels && variant.metrics.max_relative_difference == 0;
  const auto& value = variant.metrics.*name.measure->member;
  const auto& before = original.metrics.*name.measure->member;
  if (!name.drop) return equal ? std::numeric_limits<double>::infinity() : value;
  if (equal) return 0;
  if (!value || !before) return std::nullopt;
  return name.worst ? WorstLossIn(*name.measure, original, variant) : *before - *value;
}

bool Compare(double a, absl::string_view comparison, double b) {
  const bool same = SameFigure(a, b);
  if (comparison == ">") return a > b && !same;
  if (comparison == ">=") return a > b || same;
  if (comparison == "<") return a < b && !same;
  if (comparison == "<=") return a < b || same;
  return same == (comparison == "==");
}

// Shares are 0..1, and nobody who writes 99 or a drop of 0.5 means so much: such a gate would never
// close.
std::string SharesProblem(const Comparand& comparand) {
  const MeasureName name = TakeApart(comparand.name);
  if (name.measure == nullptr || name.measure->unit != Unit::kShare) return "";
  constexpr double kDoubtfulDrop = 0.1;
  const double number = std::abs(comparand.number);
  if (name.drop ? number < kDoubtfulDrop : number <= 1) return "";
  const std::string range = name.drop ? "the difference of two shares" : "a share";
  std::string text =
      absl::StrFormat("%s is %s, 0 to 1 as in results.json: write %g or %g%%", comparand.name,
                      range, comparand.number / 100, comparand.number);
  if (name.drop && number <= 1) absl::StrAppendFormat(&text, " (or %g%%)", 100 * comparand.number);
  return text;
}

}  // namespace

std::string ConditionNames() {
  std::vector<absl::string_view> measures;
  for (const MetricField& field : kMetricFields) measures.push_back(field.name);
  return absl::StrCat(absl::StrJoin(kFigures, ", "), "; ", absl::StrJoin(measures, ", "),
                      ", each also with _drop or _drop_worst behind it");
}

class ConditionParser {
 public:
  explicit ConditionParser(absl::string_view text) : text_(text), rest_(text) {}

  absl::StatusOr<Condition> Parse() {
    NBITS_RETURN_IF_ERROR(ParseTerms(Condition::Kind::kOr).status());
    SkipSpace();
    if (!rest_.empty()) return Error("the end of the condition");
    return std::move(condition_);
  }

 private:
  using Node = Condition::Node;

  absl::Status Error(absl::string_view expected) const {
    return absl::InvalidArgumentError(absl::StrCat("\"", text_, "\": expected ", expected,
                                                   rest_.empty() ? " at the end" : " at \"", rest_,
                                                   rest_.empty() ? "" : "\""));
  }
  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  absl::string_view TakeWhile(bool (*belongs)(char)) {
    size_t length = 0;
    while (length < rest_.size() && belongs(rest_[length])) ++length;
    const absl::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  bool TakeWord(absl::string_view word) {
    SkipSpace();
    const absl::string_view before = rest_;
    if (absl::EqualsIgnoreCase(TakeWhile(IsNameCharacter), word)) return true;
    rest_ = before;
    return false;
  }
  static bool IsNameCharacter(char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  }
  static bool IsNumberCharacter(char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '+';
  }

  int Add(Node node) {
    condition_.nodes_.push_back(std::move(node));
    return static_cast<int>(condition_.nodes_.size()) - 1;
  }

  // Terms joined by "or" (of terms joined by "and") or by "and" (of factors).
  absl::StatusOr<int> ParseTerms(Condition::Kind kind) {
    const bool is_or = kind == Condition::Kind::kOr;
    const auto next = [&] { return is_or ? ParseTerms(Condition::Kind::kAnd) : ParseFactor(); };
    NBITS_ASSIGN_OR_RETURN(int left, next());
    while (TakeWord(is_or ? "or" : "and")) {
      NBITS_ASSIGN_OR_RETURN(const int right, next());
      left = Add({kind, {}, left, right});
    }
    return left;
  }

  absl::StatusOr<int> ParseFactor() {
    SkipSpace();
    if (!absl::ConsumePrefix(&rest_, "(")) return ParseComparison();
    if (++depth_ > kDeepest) return Error("fewer brackets");
    NBITS_ASSIGN_OR_RETURN(const int inner, ParseTerms(Condition::Kind::kOr));
    --depth_;
    SkipSpace();
    if (!absl::ConsumePrefix(&rest_, ")")) return Error("')'");
    return inner;
  }

  absl::StatusOr<int> ParseComparison() {
    Comparand comparand;
    comparand.name = std::string(TakeWhile(IsNameCharacter));
    if (comparand.name.empty()) return Error("a name");
    if (!IsKnown(comparand.name)) {
      return absl::InvalidArgumentError(absl::StrCat("\"", text_, "\": there is no figure \"",
                                                     comparand.name, "\"; there are ",
                                                     ConditionNames()));
    }
    SkipSpace();
    for (absl::string_view candidate : kOperators) {
      if (!absl::ConsumePrefix(&rest_, candidate)) continue;
      comparand.comparison = std::string(candidate);
      break;
    }
    if (comparand.comparison.empty()) return Error("one of > >= < <= == !=");
    SkipSpace();
    const absl::string_view before = rest_;
    if (!absl::SimpleAtod(TakeWhile(IsNumberCharacter), &comparand.number)) {
      rest_ = before;
      return Error("a number");
    }
    NBITS_RETURN_IF_ERROR(TakeUnit(comparand));
    return Add({Condition::Kind::kComparison, std::move(comparand), -1, -1});
  }

  // "%" or "points" behind the number; without them shares must look like shares.
  absl::Status TakeUnit(Comparand& comparand) {
    SkipSpace();
    if (absl::ConsumePrefix(&rest_, "%") || TakeWord("points") || TakeWord("point")) {
      comparand.number /= 100;
      return absl::OkStatus();
    }
    const std::string problem = SharesProblem(comparand);
    if (problem.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("\"", text_, "\": ", problem));
  }

  const absl::string_view text_;
  absl::string_view rest_;
  int depth_ = 0;
  Condition condition_;
};

absl::StatusOr<Condition> Condition::Parse(absl::string_view text) {
  return ConditionParser(text).Parse();
}

std::vector<std::string> Condition::Measures() const {
  std::vector<std::string> names;
  for (const Node& node : nodes_) {
    const MetricField* measure = TakeApart(node.comparand.name).measure;
    const bool known =
        measure == nullptr || std::find(names.begin(), names.end(), measure->name) != names.end();
    if (!known) names.push_back(measure->name);
  }
  return names;
}

std::optional<double> Condition::FigureOf(absl::string_view name, const Rows& rows) {
  const auto& [original, variant, noise] = rows;
  const auto bytes = [](const VariantResult& row) { return static_cast<double>(row.bytes); };
  if (name == "bytes") return bytes(variant);
  if (name == "bytes_ratio") return Ratio(bytes(variant), bytes(original));
  if (name == "time_ms") return variant.median_ms;
  if (name == "time_ratio") {
    return BeyondNoise(TimeChange(original, variant, noise),
                       Ratio(variant.median_ms, original.median_ms));
  }
  const auto memory = AsDouble(variant.peak_memory_bytes);
  if (name == "memory_bytes") return memory;
  if (name == "memory_ratio") {
    return BeyondNoise(MemoryChange(original, variant, noise),
                       Ratio(memory, AsDouble(original.peak_memory_bytes)));
  }
  return MeasureFigure(TakeApart(name), original, variant);
}

absl::StatusOr<bool> Condition::Evaluate(int node, const Rows& rows, std::string& reason) const {
  const Node& at = nodes_[static_cast<size_t>(node)];
  if (at.kind != Kind::kComparison) {
    NBITS_ASSIGN_OR_RETURN(const bool left, Evaluate(at.left, rows, reason));
    if (left == (at.kind == Kind::kOr)) return left;
    return Evaluate(at.right, rows, reason);
  }
  const auto figure = FigureOf(at.comparand.name, rows);
  if (!figure) {
    const bool seldom = at.comparand.name == "time_ratio" && rows.variant.median_ms;
    return absl::NotFoundError(
        absl::StrCat(Printable(rows.variant.name), ": ", at.comparand.name,
                     seldom ? " cannot be told from so few timed runs" : " was not measured"));
  }
  const bool holds = Compare(*figure, at.comparand.comparison, at.comparand.number);
  if (holds) {
    absl::StrAppend(&reason, reason.empty() ? "" : ", ",
                    absl::StrFormat("%s is %.4g (%s %g)", at.comparand.name, *figure,
                                    at.comparand.comparison, at.comparand.number));
  }
  return holds;
}

absl::StatusOr<bool> Condition::Holds(const VariantResult& original, const VariantResult& variant,
                                      const NoiseFloor& noise, std::string& reason) const {
  return Evaluate(static_cast<int>(nodes_.size()) - 1, {original, variant, noise}, reason);
}

}  // namespace nbits

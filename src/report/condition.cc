// SPDX-License-Identifier: Apache-2.0
#include "report/condition.h"

#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "compare/metric_fields.h"

namespace nbits {
namespace {

constexpr absl::string_view kDrop = "_drop";
constexpr int kDeepest = 64;  // Brackets within brackets.
constexpr std::array<absl::string_view, 6> kOperators = {">=", "<=", "==", "!=", ">", "<"};
constexpr std::array<absl::string_view, 6> kFigures = {"bytes",       "time_ms",    "memory_bytes",
                                                       "bytes_ratio", "time_ratio", "memory_ratio"};

const MetricField* FindMeasure(absl::string_view name) {
  for (const MetricField& field : kMetricFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

bool IsKnown(absl::string_view name) {
  for (absl::string_view figure : kFigures) {
    if (name == figure) return true;
  }
  absl::ConsumeSuffix(&name, kDrop);
  return FindMeasure(name) != nullptr;
}

// Fractions in per cent.
double InPoints(absl::string_view measure, double value) {
  const bool plain = absl::EndsWith(measure, "_db") || measure == "max_relative_difference";
  return plain ? value : 100 * value;
}

std::optional<double> Ratio(std::optional<double> variant, std::optional<double> original) {
  if (!variant || !original || *original == 0) return std::nullopt;
  return *variant / *original;
}

std::optional<double> AsDouble(const std::optional<int64_t>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

std::optional<double> FigureOf(absl::string_view name, const VariantResult& original,
                               const VariantResult& variant) {
  const auto bytes = [](const VariantResult& row) { return static_cast<double>(row.bytes); };
  if (name == "bytes") return bytes(variant);
  if (name == "bytes_ratio") return Ratio(bytes(variant), bytes(original));
  if (name == "time_ms") return variant.median_ms;
  if (name == "time_ratio") return Ratio(variant.median_ms, original.median_ms);
  const auto memory = AsDouble(variant.peak_memory_bytes);
  if (name == "memory_bytes") return memory;
  if (name == "memory_ratio") return Ratio(memory, AsDouble(original.peak_memory_bytes));
  const bool drop = absl::ConsumeSuffix(&name, kDrop);
  const MetricField* measure = FindMeasure(name);
  const auto& value = variant.metrics.*measure->member;
  const auto& before = original.metrics.*measure->member;
  if (!value || (drop && !before)) return std::nullopt;
  return InPoints(name, drop ? *before - *value : *value);
}

bool Compare(double a, absl::string_view comparison, double b) {
  if (comparison == ">") return a > b;
  if (comparison == ">=") return a >= b;
  if (comparison == "<") return a < b;
  if (comparison == "<=") return a <= b;
  return (a == b) == (comparison == "==");
}

}  // namespace

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
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text_, "\": there is no figure \"", comparand.name, "\""));
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
    return Add({Condition::Kind::kComparison, std::move(comparand), -1, -1});
  }

  const absl::string_view text_;
  absl::string_view rest_;
  int depth_ = 0;
  Condition condition_;
};

absl::StatusOr<Condition> Condition::Parse(absl::string_view text) {
  return ConditionParser(text).Parse();
}

absl::StatusOr<bool> Condition::Evaluate(int node, const VariantResult& original,
                                         const VariantResult& variant, std::string& reason) const {
  const Node& at = nodes_[static_cast<size_t>(node)];
  if (at.kind != Kind::kComparison) {
    NBITS_ASSIGN_OR_RETURN(const bool left, Evaluate(at.left, original, variant, reason));
    if (left == (at.kind == Kind::kOr)) return left;
    return Evaluate(at.right, original, variant, reason);
  }
  const auto figure = FigureOf(at.comparand.name, original, variant);
  if (!figure) {
    return absl::FailedPreconditionError(
        absl::StrCat(variant.name, ": ", at.comparand.name, " was not measured"));
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
                                      std::string& reason) const {
  return Evaluate(static_cast<int>(nodes_.size()) - 1, original, variant, reason);
}

}  // namespace nbits

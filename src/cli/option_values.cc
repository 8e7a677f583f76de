// SPDX-License-Identifier: Apache-2.0
#include "cli/option_values.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "nbits/memory_limit.h"

namespace nbits::cli {
namespace {

std::string Shown(const std::string& value) { return absl::StrCat("'", Printable(value), "'"); }

// Words that begin like `text`; only the one that is the same where there is one.
std::vector<std::string> BeginningWith(const std::string& text,
                                       const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const std::string& word : words) {
    if (absl::EqualsIgnoreCase(word, text)) return {word};
    if (!text.empty() && absl::StartsWithIgnoreCase(word, text)) found.push_back(word);
  }
  return found;
}

// Puts the word meant in place of `value`, or returns what is wrong.
std::string ChooseWord(const std::vector<std::string>& words, std::string& value) {
  const std::vector<std::string> found = BeginningWith(value, words);
  if (found.size() == 1) {
    value = found.front();
    return "";
  }
  if (found.size() > 1) {
    return absl::StrCat(Shown(value), " may be ", absl::StrJoin(found, " or "));
  }
  const std::vector<std::string> meant = LikelyMeant(value, words, 1);
  const std::string guess = meant.empty() ? "" : absl::StrCat(" (did you mean ", meant[0], "?)");
  return absl::StrCat(Shown(value), " is none of ", absl::StrJoin(words, ", "), guess);
}

std::string ChooseWords(const std::vector<std::string>& words, std::string& value) {
  std::vector<std::string> chosen =
      absl::StrSplit(value, absl::ByAnyChar(", \t"), absl::SkipWhitespace());
  if (chosen.empty()) return ChooseWord(words, value);
  for (std::string& word : chosen) {
    if (std::string wrong = ChooseWord(words, word); !wrong.empty()) return wrong;
  }
  value = absl::StrJoin(chosen, ",");
  return "";
}

std::string RangeText(int64_t least, int64_t most) {
  if (most == std::numeric_limits<int64_t>::max()) return absl::StrCat("of ", least, " or more");
  return absl::StrCat("from ", least, " to ", most);
}

// "4bit", "int4" and "8,4" hold numbers.
std::string BitsMeant(const std::string& value) {
  std::vector<std::string> numbers;
  for (size_t i = 0; i < value.size(); ++i) {
    const bool is_digit = absl::ascii_isdigit(static_cast<unsigned char>(value[i]));
    const bool goes_on = i > 0 && absl::ascii_isdigit(static_cast<unsigned char>(value[i - 1]));
    if (is_digit && !goes_on) numbers.emplace_back();
    if (is_digit) numbers.back() += value[i];
  }
  if (numbers.size() > 1) return " (several widths at once: nbits sweep)";
  if (numbers.size() != 1 || numbers[0] == value) return "";
  return absl::StrCat(" (did you mean ", numbers[0], "?)");
}

std::string ReadByteCount(std::string& value) {
  const auto bytes = ParseByteCount(value);
  if (!bytes.ok()) return std::string(bytes.status().message());
  value = absl::StrCat(*bytes);
  return "";
}

}  // namespace

// The words are the validator's name, by which ChoicesOf finds them.
CLI::Validator WordOf(const std::vector<std::string>& words) {
  return {[words](std::string& value) { return ChooseWord(words, value); }, "",
          absl::StrJoin(words, ",")};
}

CLI::Validator WordsOf(const std::vector<std::string>& words) {
  return {[words](std::string& value) { return ChooseWords(words, value); }, "",
          absl::StrJoin(words, ",")};
}

CLI::Validator WholeNumber(int64_t least, int64_t most) {
  return {[least, most](std::string& value) -> std::string {
            int64_t number = 0;
            const bool is_number = absl::SimpleAtoi(value, &number);
            if (is_number && number >= least && number <= most) return "";
            return absl::StrCat(Shown(value), " is no whole number ", RangeText(least, most));
          },
          ""};
}

CLI::Validator BitsOfWeights() {
  return {[](std::string& value) -> std::string {
            int number = 0;
            const bool is_number = absl::SimpleAtoi(value, &number);
            if (is_number && ((number >= 1 && number <= 8) || number == 16)) return "";
            return absl::StrCat(Shown(value), " is not 1 to 8, or 16", BitsMeant(value));
          },
          ""};
}

CLI::Validator NotNegative() {
  return {[](std::string& value) -> std::string {
            double number = 0;
            if (absl::SimpleAtod(value, &number) && std::isfinite(number) && number >= 0) return "";
            return absl::StrCat(Shown(value), " is no number of 0 or more");
          },
          ""};
}

CLI::Validator ByteCount() { return {ReadByteCount, ""}; }

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  try {
    const CLI::Validator* validator = const_cast<CLI::Option&>(option).get_validator(0);
    return absl::StrSplit(validator->get_name(), ',', absl::SkipEmpty());
  } catch (const CLI::Error&) {  // It has no validator.
    return {};
  }
}

}  // namespace nbits::cli

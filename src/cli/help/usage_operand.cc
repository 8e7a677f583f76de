// SPDX-License-Identifier: Apache-2.0
#include "cli/help/usage_operand.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/help/help.h"
#include "cli/help/interface.h"
#include "cli/option_values.h"

namespace nbits::cli {
namespace {

bool IsChoiceOf(const CLI::Option* option, const std::string& word) {
  if (option == nullptr) return false;
  const std::vector<std::string> words = ChoicesOf(*option);
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "--memory lean", where a value is only taken as "--memory=lean", and "--bits 8 4", which is one
// list; what was meant, or nothing.
std::string Joined(const CLI::App& command, const std::vector<std::string>& arguments, size_t at) {
  if (at < 2) return "";
  const std::string& word = arguments[at];
  const CLI::Option* flag = command.get_option_no_throw(arguments[at - 1]);
  if (IsChoiceOf(flag, word)) return absl::StrCat(arguments[at - 1], "=", word);
  const CLI::Option* list = command.get_option_no_throw(arguments[at - 2]);
  if (!IsChoiceOf(list, word) || list->get_items_expected_max() < 2) return "";
  return absl::StrCat(arguments[at - 2], " ", arguments[at - 1], ",", word);
}

// Place of the first argument behind the command that stands in the message; 0: none does.
size_t PlaceIn(const std::string& message, const std::vector<std::string>& arguments) {
  const std::string words = absl::StrCat(message, " ");
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (absl::StrContains(words, absl::StrCat(" ", arguments[i], " "))) return i;
  }
  return 0;
}

std::string Guess(const CLI::App& command, const std::vector<std::string>& arguments, size_t at) {
  const std::string joined = Joined(command, arguments, at);
  if (!joined.empty()) return absl::StrCat(" (did you mean ", joined, "?)");
  const bool is_file = absl::StrContains(arguments[at], '.');
  if (!is_file || command.get_option_no_throw("--output") == nullptr) return "";
  return absl::StrCat(" (what is to be written: -o ", arguments[at], ")");
}

}  // namespace

UsageProblem UnexpectedOperand(const CLI::App& command, const std::string& message,
                               const std::vector<std::string>& arguments) {
  const size_t at = PlaceIn(message, arguments);
  const std::string usage = "usage: " + UsageText(DescribeCommand(command));
  if (at == 0) return {message, usage};
  return {absl::StrCat(command.get_name(), ": '", arguments[at], "' is one operand too many",
                       Guess(command, arguments, at)),
          usage};
}

}  // namespace nbits::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/interface.h"

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace nbits::cli {
namespace {

// "TEXT:{linear,kmeans_lut}", "{lean->1,normal->0}": the words between the braces.
std::vector<std::string> WordsInBraces(const std::string& text) {
  const size_t begin = text.find('{');
  const size_t end = text.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  std::vector<std::string> words =
      absl::StrSplit(text.substr(begin + 1, end - begin - 1), ',', absl::SkipEmpty());
  for (std::string& word : words) word = word.substr(0, word.find("->"));
  return words;
}

// CLI11 knows a set of words only by the text in which it shows or refuses others. Some options
// keep it out of their help, where their description says more: those are asked for a word that is
// none.
std::vector<std::string> Choices(const CLI::Option& option) {
  std::vector<std::string> words = WordsInBraces(option.get_type_name());
  if (!words.empty() || option.get_type_name().find(':') != std::string::npos) return words;
  try {
    const CLI::Validator* validator = const_cast<CLI::Option&>(option).get_validator(0);
    std::string none = "\x01";
    return WordsInBraces((*validator)(none));
  } catch (const CLI::Error&) {  // It has no validator.
    return {};
  }
}

std::string ValueName(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  return name.empty() ? "VALUE" : name;
}

std::vector<std::string> Names(const CLI::Option& option) {
  if (option.get_positional()) return {option.get_name(true, false)};
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

OptionText Describe(const CLI::Option& option, const std::string& group) {
  OptionText text;
  text.names = Names(option);
  text.positional = option.get_positional();
  text.value = ValueName(option);
  if (!text.value.empty()) text.choices = Choices(option);
  text.description = option.get_description();
  const bool is_table = text.description.find("  ") != std::string::npos;
  if (!is_table) absl::StrReplaceAll({{"\n", " "}}, &text.description);
  text.standard = option.get_default_str();
  text.group = group;
  text.required = option.get_required();
  text.repeatable = option.get_items_expected_max() > 1;
  return text;
}

// Options that are tied together stand in a command of their own without a name.
void AddOptions(const CLI::App& command, std::vector<OptionText>& options) {
  for (const CLI::Option* option : command.get_options({})) {
    const bool is_tied = command.get_name().empty();
    if (is_tied && option == command.get_help_ptr()) continue;  // It is the command's own.
    const std::string group = is_tied ? command.get_group() : option->get_group();
    if (!option->get_group().empty()) options.push_back(Describe(*option, group));
  }
  for (const CLI::App* part : command.get_subcommands({})) {
    if (part->get_name().empty()) AddOptions(*part, options);
  }
}

CommandText Describe(const CLI::App& command) {
  const std::string description = command.get_description();
  const size_t end = description.find('\n');
  CommandText text;
  text.name = command.get_name();
  text.summary = description.substr(0, end);
  if (end != std::string::npos)
    text.details = std::string(absl::StripAsciiWhitespace(description.substr(end)));
  if (!command.get_footer().empty()) absl::StrAppend(&text.details, "\n\n", command.get_footer());
  AddOptions(command, text.options);
  return text;
}

}  // namespace

std::vector<CommandText> DescribeCommands(const CLI::App& program) {
  std::vector<CommandText> commands;
  for (const CLI::App* command : program.get_subcommands({})) {
    const bool is_listed = !command->get_name().empty() && !command->get_group().empty();
    if (is_listed) commands.push_back(Describe(*command));
  }
  return commands;
}

}  // namespace nbits::cli

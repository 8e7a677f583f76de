// SPDX-License-Identifier: Apache-2.0
#include "cli/help/interface.h"

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/option_values.h"

namespace nbits::cli {
namespace {

std::vector<std::string> Names(const CLI::Option& option) {
  if (option.get_positional()) return {option.get_name(true, false)};
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

OptionText Describe(const CLI::Option& option) {
  OptionText text;
  text.names = Names(option);
  text.positional = option.get_positional();
  text.value = DescribeValue(option);
  if (!text.value.empty() || text.positional) text.choices = ChoicesOf(option);
  text.description = option.get_description();
  const bool is_table = text.description.find("  ") != std::string::npos;
  if (!is_table) absl::StrReplaceAll({{"\n", " "}}, &text.description);
  text.standard = option.get_default_str();
  text.group = option.get_group();
  text.required = option.get_required();
  text.repeatable = option.get_items_expected_max() > 1;
  return text;
}

}  // namespace

std::string DescribeValue(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  // CLI11's own names of types are shown nowhere.
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  if (name == "INT" || name == "UINT") return "N";
  if (name == "FLOAT") return "NUMBER";
  return name.empty() || name == "ENUM" || name == "TEXT" ? "VALUE" : name;
}

CommandText DescribeCommand(const CLI::App& command) {
  const std::string description = command.get_description();
  const size_t end = description.find('\n');
  CommandText text;
  text.name = command.get_name();
  text.summary = description.substr(0, end);
  if (end != std::string::npos)
    text.details = std::string(absl::StripAsciiWhitespace(description.substr(end)));
  if (!command.get_footer().empty()) absl::StrAppend(&text.details, "\n\n", command.get_footer());
  for (const CLI::Option* option : command.get_options({})) {
    if (!option->get_group().empty()) text.options.push_back(Describe(*option));
  }
  return text;
}

std::vector<CommandText> DescribeCommands(const CLI::App& program) {
  std::vector<CommandText> commands;
  for (const CLI::App* command : program.get_subcommands({})) {
    const bool is_listed = !command->get_name().empty() && !command->get_group().empty();
    if (is_listed) commands.push_back(DescribeCommand(*command));
  }
  return commands;
}

}  // namespace nbits::cli

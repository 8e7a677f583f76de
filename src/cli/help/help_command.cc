// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/help/interface.h"
#include "cli/help/usage.h"

namespace nbits::cli {
namespace {

const CLI::App* FindCommand(const CLI::App& program, const std::string& name) {
  if (name.empty()) return &program;
  for (const CLI::App* command : program.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// Lets every word pass, for the command to answer; its name, by which ChoicesOf finds them, holds
// the commands that there are by now.
CLI::Validator AnyOf(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CommandText& command : DescribeCommands(program)) names.push_back(command.name);
  return {[](std::string&) { return std::string(); }, "", absl::StrJoin(names, ",")};
}

}  // namespace

void AddHelpCommand(CLI::App& program) {
  const CLI::Validator any = AnyOf(program);
  CLI::App& command = *program.add_subcommand("help", "Explain a command: nbits help quantize");
  static std::string name;
  command.add_option("COMMAND", name, "What is to be explained")->check(any);
  SetAction(command, [&program] {
    const CLI::App* const explained = FindCommand(program, name);
    if (explained == nullptr) WrongUsage(UnknownCommand(program, name).what);
    const auto formatter = explained->get_formatter();
    return Print(formatter->make_help(explained, "", CLI::AppFormatMode::Normal));
  });
}

}  // namespace nbits::cli

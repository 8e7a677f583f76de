// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>

#include "cli/command.h"
#include "cli/usage.h"

namespace nbits::cli {
namespace {

const CLI::App* FindCommand(const CLI::App& program, const std::string& name) {
  if (name.empty()) return &program;
  for (const CLI::App* command : program.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

}  // namespace

void AddHelpCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("help", "Explain a command: nbits help quantize");
  static std::string name;
  command.add_option("COMMAND", name, "One of the program's commands");
  SetAction(command, [&program] {
    const CLI::App* const explained = FindCommand(program, name);
    if (explained == nullptr) WrongUsage(UnknownCommand(program, name).what);
    const auto formatter = explained->get_formatter();
    return Print(formatter->make_help(explained, "", CLI::AppFormatMode::Normal));
  });
}

}  // namespace nbits::cli

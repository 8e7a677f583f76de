// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "cli/command.h"
#include "cli/help/interface.h"
#include "cli/help/shell_text.h"
#include "cli/option_values.h"

namespace nbits::cli {

void AddInternalGenerateCommand(CLI::App& program) {
  using Commands = std::vector<CommandText>;
  using Form = std::function<std::string(const Commands&)>;
  static const std::map<std::string, Form> forms = {{"man",
                                                     [&program](const Commands& commands) {
                                                       return ManualPage(DescribeCommand(program),
                                                                         commands);
                                                     }},
                                                    {"bash", BashCompletion},
                                                    {"zsh", ZshCompletion},
                                                    {"fish", FishCompletion}};
  CLI::App& command = *program.add_subcommand("internal-generate", "Used by the installation");
  command.group("");  // Hidden.
  static std::string form;
  command.add_option("FORM", form)->required()->transform(WordOf({"man", "bash", "zsh", "fish"}));
  SetAction(command, [&program] { return Print(forms.at(form)(DescribeCommands(program))); });
}

}  // namespace nbits::cli

// SPDX-License-Identifier: Apache-2.0
// Texts made from the program's commands (cli/help/interface.h), for other programs to read.
#ifndef NBITS_CLI_HELP_SHELL_TEXT_H_
#define NBITS_CLI_HELP_SHELL_TEXT_H_

#include <string>
#include <vector>

#include "cli/help/interface.h"

namespace nbits::cli {

// man 1 nbits; `program` is the description of the program itself.
std::string ManualPage(const CommandText& program, const std::vector<CommandText>& commands);
std::string BashCompletion(const std::vector<CommandText>& commands);  // To be sourced.
std::string ZshCompletion(const std::vector<CommandText>& commands);   // _nbits, in $fpath.
std::string FishCompletion(const std::vector<CommandText>& commands);  // nbits.fish

}  // namespace nbits::cli

#endif  // NBITS_CLI_HELP_SHELL_TEXT_H_

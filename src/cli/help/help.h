// SPDX-License-Identifier: Apache-2.0
// The help texts, laid out for the width of the terminal.
#ifndef NBITS_CLI_HELP_HELP_H_
#define NBITS_CLI_HELP_HELP_H_

#include <string>
#include <vector>

#include "cli/help/interface.h"

namespace nbits::cli {

// "nbits quantize [OPTIONS] MODEL".
std::string UsageText(const CommandText& command);

// What a command does, its operands, its options by their groups, and what its description says
// besides. Lines are at most `width` columns, single words and lines of examples aside.
std::string CommandHelp(const CommandText& command, size_t width);

// What the program is, its commands and its own options, which are those of `program`.
std::string ProgramHelp(const CommandText& program, const std::vector<CommandText>& commands,
                        size_t width);

// Makes these what --help prints, for `program` and for each command that is added to it later.
void UseHelpTexts(CLI::App& program);

}  // namespace nbits::cli

#endif  // NBITS_CLI_HELP_HELP_H_

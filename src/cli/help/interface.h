// SPDX-License-Identifier: Apache-2.0
// The program's commands and options as data, read off CLI11's model of them: what --help, the
// manual page and the shells' completions are made from, so that all say the same.
#ifndef NBITS_CLI_HELP_INTERFACE_H_
#define NBITS_CLI_HELP_INTERFACE_H_

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace nbits::cli {

struct OptionText {
  std::vector<std::string> names;    // "-b", "--bits"; a positional's only name, "MODEL".
  std::string value;                 // What stands for its value, "N"; empty: takes none.
  std::vector<std::string> choices;  // The words that it may be; empty: any.
  std::string description;           // One line, or a table of several.
  std::string standard;              // The value when it is not given, or empty.
  std::string group;                 // Heading in the help text.
  bool positional = false, required = false, repeatable = false;
};

struct CommandText {
  std::string name, summary;  // One line.
  std::string details;        // Paragraphs; lines that begin with a blank stay lines. Or empty.
  std::vector<OptionText> options;
};

// What stands for an option's value, "N"; empty where it takes none.
std::string DescribeValue(const CLI::Option& option);

// One command, or the program itself, whose name is then "nbits".
CommandText DescribeCommand(const CLI::App& command);

// The commands that the help text lists, in its order.
std::vector<CommandText> DescribeCommands(const CLI::App& program);

}  // namespace nbits::cli

#endif  // NBITS_CLI_HELP_INTERFACE_H_

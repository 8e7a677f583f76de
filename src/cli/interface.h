// SPDX-License-Identifier: Apache-2.0
// The program's commands and options as data, read off CLI11's model of them: what the manual page
// and the shells' completions are made from, so that they cannot say anything else than --help.
#ifndef NBITS_CLI_INTERFACE_H_
#define NBITS_CLI_INTERFACE_H_

#include <string>
#include <vector>

namespace CLI {
class App;
}

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
  std::string details;        // Paragraphs, lines broken as in the help text; or empty.
  std::vector<OptionText> options;
};

// The commands that the help text lists, in its order.
std::vector<CommandText> DescribeCommands(const CLI::App& program);

}  // namespace nbits::cli

#endif  // NBITS_CLI_INTERFACE_H_

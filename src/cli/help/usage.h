// SPDX-License-Identifier: Apache-2.0
// What the program says when it is called wrongly: one line that names what was wrong and what may
// have been meant, and at most one more that says how to go on.
#ifndef NBITS_CLI_HELP_USAGE_H_
#define NBITS_CLI_HELP_USAGE_H_

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace nbits::cli {

struct UsageProblem {
  std::string what;  // Without "nbits: ".
  std::string hint;  // The same, or empty.
};

// What CLI11 refused with `error` when it parsed `arguments` (without the program's name). An
// option that nobody knows comes before all else: what else is wrong mostly follows from it.
UsageProblem ExplainUsage(const CLI::App& program, const CLI::ParseError& error,
                          const std::vector<std::string>& arguments);

// An option that takes no value and is given one, "--json=5", which CLI11 would take; `what` is
// empty where there is none.
UsageProblem ValueOfFlag(const CLI::App& program, const std::vector<std::string>& arguments);

// "unknown command 'quantise' (did you mean quantize? info, quantize, run, ...)".
UsageProblem UnknownCommand(const CLI::App& program, const std::string& name);

// Prints it on standard error; returns kWrongUsage.
int SayUsageProblem(const UsageProblem& problem);

}  // namespace nbits::cli

#endif  // NBITS_CLI_HELP_USAGE_H_

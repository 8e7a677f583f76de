// SPDX-License-Identifier: Apache-2.0
// What every command of the program shares: how it is registered and how it ends.
#ifndef NBITS_CLI_COMMAND_H_
#define NBITS_CLI_COMMAND_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace nbits::cli {

// Exit codes of the program.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kGateClosed =
    3;  // --fail-if holds: the program worked, the model does not do.

// `status` such that SetAction ends the program with `exit_code`.
absl::Status WithExitCode(absl::Status status, int exit_code);

// Makes `run` the action of `command`. An error status is printed on one line of stderr and ends
// the program with kFailed, or the interrupt's code; InvalidArgument from argument checks should be
// raised by CLI11 instead.
void SetAction(CLI::App& command, std::function<absl::Status()> run);

// `status` with the file that it is about in front of its message; OK stays OK.
absl::Status InFile(const std::string& file, const absl::Status& status);

// Ends the command as wrong usage: `message` is what standard error shows after "nbits: ".
[[noreturn]] void WrongUsage(const std::string& message);

// Exit code of the action that ran (kDone when none did).
int ActionExitCode();

// `text` with what would break a line or steer the terminal replaced by blanks, see
// base/printable.h: a file's own text must do neither.
std::string Printable(const std::string& text);

// Writes to standard output and flushes; DataLoss when that fails (a closed pipe, a full disk).
absl::Status Print(const std::string& text);

// One per command, in its own file; called by main in the order of the help text.
void AddInfoCommand(CLI::App& program);
void AddQuantizeCommand(CLI::App& program);
void AddRunCommand(CLI::App& program);
void AddBenchCommand(CLI::App& program);
void AddCompareCommand(CLI::App& program);
void AddSweepCommand(CLI::App& program);
void AddReportCommand(CLI::App& program);
void AddHelpCommand(CLI::App& program);
// Not listed in the help text.
void AddInternalMeasureCommand(CLI::App& program);
void AddInternalGenerateCommand(CLI::App& program);

}  // namespace nbits::cli

#endif  // NBITS_CLI_COMMAND_H_

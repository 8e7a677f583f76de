// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/system.h"
#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/help/usage.h"
#include "cli/memory_limit.h"
#include "cli/signals.h"
#include "nbits/version.h"

namespace nbits::cli {
namespace {

constexpr char kProgram[] =
    "nbits makes Core ML models smaller by storing their weights in fewer bits, runs them on this "
    "computer's CPU, and shows what that cost.\n"
    "\n"
    "Models are .mlmodel files and .mlpackage folders that hold neural networks. ML Programs, "
    "which newer tools write, are of another kind, and neither run nor made smaller.\n"
    "\n"
    "Begin with:\n"
    "  nbits info Model.mlmodel\n"
    "  nbits quantize Model.mlmodel --bits 8\n"
    "  nbits sweep Model.mlmodel --images pictures -o out\n"
    "\n"
    "Exit codes: 0 when all is done, 1 when something failed, 2 for wrong usage, 3 when a "
    "condition "
    "of --fail-if holds.";

void AddCommands(CLI::App& program) {
  AddInfoCommand(program);
  AddQuantizeCommand(program);
  AddRunCommand(program);
  AddBenchCommand(program);
  AddCompareCommand(program);
  AddSweepCommand(program);
  AddReportCommand(program);
  AddMemoryLimits(program);
  AddHelpCommand(program);
  AddInternalMeasureCommand(program);
  AddInternalGenerateCommand(program);
}

int Parse(CLI::App& program, int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (const UsageProblem problem = ValueOfFlag(program, arguments); !problem.what.empty()) {
    return SayUsageProblem(problem);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // Help or the version.
    return program.exit(wanted);
  } catch (const CLI::ParseError& error) {
    return SayUsageProblem(ExplainUsage(program, error, arguments));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nbits: %s\n", Printable(error.what()).c_str());
    return kFailed;
  }
  return ActionExitCode();
}

}  // namespace
}  // namespace nbits::cli

int main(int argc, char** argv) {
  nbits::AskForShortTurns();
  nbits::cli::HandleSignals();
  nbits::cli::TakeMemoryLimitOfEnvironment();
  CLI::App program(nbits::cli::kProgram);
  program.name("nbits");
  program.set_version_flag("-v,--version", "nbits " NBITS_VERSION, "Print the version");
  program.get_help_ptr()->description("Print this text");
  program.require_subcommand(1);
  program.fallthrough(false);
  nbits::cli::UseHelpTexts(program);
  nbits::cli::AddCommands(program);
  return nbits::cli::Parse(program, argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/system.h"
#include "cli/command.h"
#include "nbits/version.h"

int main(int argc, char** argv) {
  nbits::AskForShortTurns();
  CLI::App program("nbits: Core ML models in fewer bits, and what that costs.");
  program.name("nbits");
  program.set_version_flag("--version", "nbits " NBITS_VERSION);
  program.require_subcommand(1);
  program.fallthrough(false);
  nbits::cli::AddInfoCommand(program);
  nbits::cli::AddQuantizeCommand(program);
  nbits::cli::AddRunCommand(program);
  nbits::cli::AddBenchCommand(program);
  nbits::cli::AddCompareCommand(program);
  nbits::cli::AddSweepCommand(program);
  nbits::cli::AddReportCommand(program);
  nbits::cli::AddInternalMeasureCommand(program);
  nbits::cli::AddInternalGenerateCommand(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? nbits::cli::kDone : nbits::cli::kWrongUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nbits: %s\n", error.what());
    return nbits::cli::kFailed;
  }
  return nbits::cli::ActionExitCode();
}

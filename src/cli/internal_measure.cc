// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "nbits/compare.h"

namespace nbits::cli {

void AddInternalMeasureCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("internal-measure", "Used by compare and sweep");
  command.group("");  // Hidden.
  static std::string model;
  static EngineOptions options;
  command.add_option("MODEL", model)->required();
  command.add_option("THREADS", options.threads)->required();
  command.add_option("COMPUTE", options.compute)
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, Compute>{{"int8", Compute::kInt8}}));
  AddTargetArgument(command);
  SetAction(command, [] { return ServeMeasurements(model, options, STDIN_FILENO, STDOUT_FILENO); });
}

}  // namespace nbits::cli

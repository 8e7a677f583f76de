// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "nbits/compare.h"

namespace nbits::cli {
namespace {

// {"NAME": [extent, ...], ...} as Compare writes it.
std::function<void(const std::string&)> ReadShapes(std::map<std::string, Shape>& shapes) {
  return [&shapes](const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) throw CLI::ValidationError("--shapes", "no JSON object");
    for (const auto& [name, extents] : json.items()) {
      for (const auto& extent : extents) {
        if (!extent.is_number_integer()) throw CLI::ValidationError("--shapes", "no extent");
        shapes[name].push_back(extent.get<int64_t>());
      }
    }
  };
}

}  // namespace

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
  static std::map<std::string, Shape> shapes;
  command.add_option_function<std::string>("--shapes", ReadShapes(shapes));
  AddTargetArgument(command);
  SetAction(command,
            [] { return ServeMeasurements(model, options, STDIN_FILENO, STDOUT_FILENO, shapes); });
}

}  // namespace nbits::cli

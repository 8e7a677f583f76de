// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/compare/comparison.h"

namespace nbits::cli {
namespace {

constexpr char kCompareDescription[] =
    "Run a model and variants of it on the same pictures and show what the variants cost\n"
    "\n"
    "Bytes, time and memory, agreement with the original, and, where masks are given, mean IoU "
    "and pixel accuracy. The table is also written as results.json and results.csv, and with all "
    "pictures as report.html. Each model runs in a process of its own; a variant that cannot run "
    "is a line in the table.\n"
    "\n"
    "Example:\n"
    "  nbits compare M.mlmodel M-4-linear.mlmodel --images pictures -o out";

}  // namespace

void AddCompareCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("compare", kCompareDescription);
  static ComparisonArguments arguments;
  static std::vector<std::string> variants;
  command.add_option("ORIGINAL", arguments.options.original.file, "A .mlmodel or .mlpackage")
      ->required();
  command.add_option("VARIANT", variants, "Variants of it")->required();
  AddComparisonOptions(command, arguments);
  SetAction(command, []() -> absl::Status {
    for (const std::string& file : variants) {
      arguments.options.variants.emplace_back().file = file;
    }
    NBITS_RETURN_IF_ERROR(BeginComparison(arguments));
    return RunComparison(arguments);
  });
}

}  // namespace nbits::cli

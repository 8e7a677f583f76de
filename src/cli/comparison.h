// What `compare` and `sweep` share: the options of a comparison, running it and printing its
// results.
#ifndef NBITS_CLI_COMPARISON_H_
#define NBITS_CLI_COMPARISON_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "nbits/compare.h"

namespace nbits::cli {

struct ComparisonArguments {
  CompareOptions options;  // Models are filled in by the command.
  std::string mask_map;
  bool json = false;
};

void AddComparisonOptions(CLI::App& command, ComparisonArguments& arguments);

// Runs it, writes the reports, prints the table (or the JSON) and, last, where the report is.
absl::Status RunComparison(ComparisonArguments& arguments);

}  // namespace nbits::cli

#endif  // NBITS_CLI_COMPARISON_H_

// SPDX-License-Identifier: Apache-2.0
// The command line of nbits quantize: its options, what they ask for, and what is wrong usage.
#ifndef NBITS_CLI_QUANTIZE_QUANTIZE_ARGUMENTS_H_
#define NBITS_CLI_QUANTIZE_QUANTIZE_ARGUMENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/plan.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace nbits::cli {

struct QuantizeArguments {
  std::string model;
  // How weights are stored.
  std::optional<int> bits;
  std::string mode = "linear", policy = "bulk", range, rounding, on_overflow = "error", table;
  bool no_fold = false;
  // Which weights.
  std::vector<std::string> layers, types, keep;  // "GLOB=FORMAT", "TYPE=FORMAT", "GLOB".
  Conditions conditions;
  // Files, and what is said.
  std::string output, plan, save_plan, report;
  bool allow_unchanged = false, dry_run = false, json = false;

  std::vector<const CLI::Option*> replaced_by_plan;  // Those that a plan leaves no say.
};

// Adds them all, with help; `arguments` must outlive `command`.
void AddQuantizeArguments(CLI::App& command, QuantizeArguments& arguments);

// These throw CLI::ValidationError (wrong usage) for what is wrong whatever the files hold.

// Options that exclude each other, and files that would be written over each other.
void CheckArguments(const QuantizeArguments& arguments);
// What is asked for when no plan is given. Reads --table; its errors name the file.
absl::StatusOr<CompressOptions> OptionsOf(const QuantizeArguments& arguments);
// -o, to which the ending is added where it has none; or, in the folder that -o names, or beside
// the model, a name that tells how it was made.
std::string OutputPath(const QuantizeArguments& arguments);

}  // namespace nbits::cli

#endif  // NBITS_CLI_QUANTIZE_QUANTIZE_ARGUMENTS_H_

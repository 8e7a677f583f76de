// SPDX-License-Identifier: Apache-2.0
// What `compare`, `sweep` and `report` share: the options of a comparison, running it and printing
// its results.
#ifndef NBITS_CLI_COMPARE_COMPARISON_H_
#define NBITS_CLI_COMPARE_COMPARISON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/compare.h"
#include "nbits/engine.h"

namespace CLI {
class App;
}

namespace nbits::cli {

// In which forms the results are wanted besides the folder's files.
struct OutputForms {
  bool json = false, csv = false, markdown = false;  // Instead of the table; at most one.
  std::string png, fail_if;                          // Empty: not asked for.
};

struct ComparisonArguments {
  CompareOptions options;  // Models are filled in by the command.
  std::string mask_map, allowed_loss;
  Compute compute = Compute::kFloat32;  // Of the variants.
  bool overwrite = false;
  OutputForms forms;
};

// A loss as typed: "0.005", "0.5%", "40dB" (at least so many, a loss of -40).
absl::StatusOr<double> ParseLoss(absl::string_view text);

void AddFormOptions(CLI::App& command, OutputForms& forms);
void AddComparisonOptions(CLI::App& command, ComparisonArguments& arguments);

// Ends the command as wrong usage where options lack that a comparison needs; before the work.
void CheckComparison(const ComparisonArguments& arguments);

// Writes the reports into `folder`, prints the table (or the form asked for), the verdict and,
// last, where the report is, and which variants failed. FailedPrecondition when all have, and, with
// exit code kGateClosed, when --fail-if holds.
absl::Status PresentResults(const Results& results, const OutputForms& forms,
                            const std::string& folder);

// Takes over what was typed, and finds what is wrong with it before anything runs.
absl::Status CheckArguments(ComparisonArguments& arguments);

// Before anything is made or run: CheckArguments, that the folder for the results can be written,
// and holds no other run's unless they are to be gone on with or written over.
absl::Status BeginComparison(ComparisonArguments& arguments);

// Runs what has begun and presents the results. Ctrl-C ends it between two runs: what is done is
// presented, and the status is Aborted with what to do to go on.
absl::Status RunComparison(ComparisonArguments& arguments);

}  // namespace nbits::cli

#endif  // NBITS_CLI_COMPARE_COMPARISON_H_

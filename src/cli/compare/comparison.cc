// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/comparison.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "cli/build_facts.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/input_arguments.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/run/run_inputs.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "nbits/report.h"
#include "nbits/target.h"
#include "nbits/version.h"

namespace nbits::cli {
namespace {

bool HasText(const char* variable, const char* unlike) {
  const char* const value = std::getenv(variable);
  return value != nullptr && absl::string_view(value) != unlike;
}

// On terminals that have colours, unless NO_COLOR holds something (no-color.org).
bool ColorsWanted() {
  return isatty(STDOUT_FILENO) != 0 && HasText("TERM", "dumb") && !HasText("NO_COLOR", "");
}

size_t TableWidth() { return static_cast<size_t>(TerminalWidth(STDOUT_FILENO)); }

// The first few; results.json and the report name all.
void NameSkipped(const Results& results) {
  constexpr size_t kNamed = 5;
  const size_t count = results.skipped.size(), named = count > kNamed + 1 ? kNamed : count;
  for (size_t i = 0; i < named; ++i) {
    const SkippedFile& skipped = results.skipped[i];
    std::fprintf(stderr, "nbits: skipped %s: %s\n", Printable(skipped.file).c_str(),
                 Printable(skipped.reason).c_str());
  }
  if (named == count) return;
  std::fprintf(stderr, "nbits: skipped %d more files (results.json names all)\n",
               static_cast<int>(count - named));
}

// The last line, since what scrolls by above may not be read; empty when none failed.
std::string FailedVariants(const Results& results) {
  std::vector<std::string> names;
  for (const VariantResult& variant : results.variants) {
    if (variant.error) names.push_back(Printable(variant.name));
  }
  if (names.empty()) return "";
  return absl::StrCat(names.size(), " of ", results.variants.size() - 1,
                      " variants failed: ", absl::StrJoin(names, ", "), "\n");
}

// The first of many notes of one kind.
void PrintFew(std::vector<std::string> notes) {
  constexpr size_t kShown = 3;
  const size_t count = notes.size();
  if (count > kShown) {
    notes.resize(kShown);
    notes.push_back(absl::StrCat("the same holds for ", count - kShown, " more pictures"));
  }
  PrintNotes(notes);
}

// `page`: where the report is; empty when it could not be written.
std::string TableText(const Results& results, const std::string& page) {
  return absl::StrCat(ResultsTable(results, {.color = ColorsWanted(), .width = TableWidth()}),
                      Sentences(SamplesSummary(results)), "\n", Sentences(VerdictText(results)),
                      "\n", page, page.empty() ? "" : "\n", FailedVariants(results));
}

// A table of failures is no success for a script.
absl::Status CheckSomeWorked(const Results& results) {
  const auto failed = [](const VariantResult& row) { return row.is_original || row.error; };
  const bool none = std::all_of(results.variants.begin(), results.variants.end(), failed);
  if (!none || results.variants.size() < 2) return absl::OkStatus();
  return absl::FailedPreconditionError("every variant failed");
}

// Hours of measurements are not written over without a word.
absl::Status CheckHoldsNoResults(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "results.json").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return absl::OkStatus();
  const auto text = ReadFile(path);
  const auto results = text.ok() ? ResultsFromJson(*text) : text.status();
  std::string whose = "results.json, which nbits did not write";
  if (results.ok() && !results->variants.empty()) {
    whose = absl::StrCat("results of ", results->created, " for ", results->variants[0].file);
  }
  return absl::AlreadyExistsError(
      absl::StrCat(folder, " holds ", whose,
                   "; --resume goes on with them, --overwrite writes over them, -o names another "
                   "folder"));
}

// What is printed on standard output instead of the table.
absl::Status PrintAs(const Results& results, const OutputForms& forms, const std::string& page) {
  if (forms.json) return Print(ResultsToJson(results));
  if (forms.csv) return Print(ResultsToCsv(results));
  if (forms.markdown) return Print(ResultsToMarkdown(results));
  return Print(TableText(results, page));
}

absl::Status WriteSheet(const Results& results, const OutputForms& forms,
                        const std::string& folder) {
  if (forms.png.empty()) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const std::string sheet, ContactSheet(results, folder));
  return WriteFileAtomically(forms.png, sheet);
}

// Integer arithmetic shows in the name, because the file may be another variant's too.
void SetCompute(ComparisonArguments& arguments) {
  if (arguments.compute == Compute::kFloat32) return;
  for (CompareModel& variant : arguments.options.variants) {
    if (variant.bits.value_or(8) > 8) continue;
    if (variant.name.empty()) variant.name = std::filesystem::path(variant.file).stem().string();
    variant.name += "-int8";
    variant.compute = arguments.compute;
  }
}

// All pictures are done, and times are measured again.
void ShowRepeats(Progress& progress, double seconds) {
  if (seconds <= 0) return progress.Resume();
  progress.Say(
      absl::StrFormat("note: all have run; times are measured again, for %.0f s at most "
                      "(Ctrl-C or --max-seconds 0 ends this with a full result)",
                      std::ceil(seconds)));
  progress.WaitFor("Measuring times again", seconds);
}

absl::StatusOr<Results> RunInterruptibly(CompareOptions& options) {
  const InterruptibleWork work;
  options.interrupted = &work.requested();
  Progress progress("Comparing", 0);
  options.progress = [&](int64_t done, int64_t total) { progress.Set(done, total); };
  options.measuring_again = [&](double seconds) { ShowRepeats(progress, seconds); };
  return Compare(options);
}

}  // namespace

void CheckComparison(const ComparisonArguments& arguments) {
  const CompareOptions& options = arguments.options;
  if (options.images.empty() && options.inputs.empty()) {
    WrongUsage("pictures or arrays to run on are missing: --images FOLDER or --inputs FOLDER");
  }
}

absl::Status PresentResults(const Results& results, const OutputForms& forms,
                            const std::string& folder) {
  const absl::Status written = WriteReports(results, folder);
  const absl::Status drawn = WriteSheet(results, forms, folder);
  NameSkipped(results);
  const auto page = std::filesystem::path(folder) / "report.html";
  NBITS_RETURN_IF_ERROR(PrintAs(results, forms, written.ok() ? page.string() : ""));
  NBITS_RETURN_IF_ERROR(written);
  NBITS_RETURN_IF_ERROR(drawn);
  NBITS_RETURN_IF_ERROR(CheckSomeWorked(results));
  if (forms.fail_if.empty()) return absl::OkStatus();
  const absl::Status gate = FailIf(results, forms.fail_if);
  return absl::IsFailedPrecondition(gate) ? WithExitCode(gate, kGateClosed) : gate;
}

absl::Status CheckArguments(ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  NBITS_ASSIGN_OR_RETURN(options.mask_map, ParseMaskMap(arguments.mask_map));
  if (!arguments.allowed_loss.empty()) {
    NBITS_ASSIGN_OR_RETURN(options.allowed_loss, ParseLoss(arguments.allowed_loss));
  }
  if (!arguments.forms.fail_if.empty()) {
    NBITS_ASSIGN_OR_RETURN(options.needed_measures, ConditionMeasures(arguments.forms.fail_if));
  }
  NBITS_ASSIGN_OR_RETURN(options.found, CheckCompareOptions(options));
  return absl::OkStatus();
}

absl::Status BeginComparison(ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  CheckComparison(arguments);
  NBITS_RETURN_IF_ERROR(CheckArguments(arguments));
  NBITS_RETURN_IF_ERROR(MakeFolder(options.output));
  if (!arguments.forms.png.empty()) NBITS_RETURN_IF_ERROR(CheckWritable(arguments.forms.png));
  if (!options.resume && !arguments.overwrite) {
    NBITS_RETURN_IF_ERROR(CheckHoldsNoResults(options.output));
  }
  NBITS_ASSIGN_OR_RETURN(const std::string program, ProgramPath());
  options.worker_command = {program, "internal-measure", "--target", VectorTarget()};
  options.nbits_version = NBITS_VERSION;
  options.commit = BuildCommit();
  options.command = CommandLine();
  return CheckResume(options);
}

absl::Status RunComparison(ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  SetCompute(arguments);
  options.checkpoint = [&](const Results& results) {
    const auto file = std::filesystem::path(options.output) / "results.json";
    WriteFileAtomically(file.string(), ResultsToJson(results)).IgnoreError();
  };
  std::vector<std::string> notes;
  options.note = [&](const std::string& note) { notes.push_back(note); };
  NBITS_ASSIGN_OR_RETURN(const Results results, RunInterruptibly(options));
  PrintFew(std::move(notes));
  NBITS_RETURN_IF_ERROR(PresentResults(results, arguments.forms, options.output));
  if (!results.partial) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("interrupted after ", results.partial->done, " of ",
                                         results.partial->total,
                                         " runs; the same command with --resume goes on"));
}

}  // namespace nbits::cli

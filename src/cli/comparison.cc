// SPDX-License-Identifier: Apache-2.0
#include "cli/comparison.h"

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "cli/build_facts.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/progress.h"
#include "nbits/report.h"
#include "nbits/target.h"
#include "nbits/version.h"

namespace nbits::cli {
namespace {

std::atomic<bool> interrupted = false;

// Ctrl-C ends the comparison between two runs; a second one ends the program.
extern "C" void Interrupt(int) {
  if (interrupted.exchange(true)) _exit(130);
}

bool ColorsWanted() { return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

void NameSkipped(const Results& results) {
  for (const SkippedFile& skipped : results.skipped) {
    std::fprintf(stderr, "nbits: skipped %s: %s\n", Printable(skipped.file).c_str(),
                 Printable(skipped.reason).c_str());
  }
}

std::string TableText(const Results& results, const std::string& folder) {
  return absl::StrCat(
      ResultsTable(results, {.color = ColorsWanted()}),
      absl::StrFormat("%d samples; two processes of the original differ by %.1f %% in time\n",
                      results.pictures.size(), 100 * results.noise_floor.time_ratio_spread),
      VerdictText(results), "\n", (std::filesystem::path(folder) / "report.html").string(), "\n");
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(folder, ": ", error.message()));
}

void AddTruthOptions(CLI::App& command, ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  auto* samples = command.add_option_group("Samples", "");
  samples->add_option("--images", options.images,
                      "Folder of JPEG and PNG pictures, or of folders of them, one per class");
  samples->add_option("--inputs", options.inputs,
                      "Folder of .npy arrays (or pictures) for the model's only input, or of "
                      "folders with a file NAME.npy for each input");
  samples->require_option(1);
  const char* masks_help =
      "Folder of PNG masks with the pictures' names: class ids (255 is ignored), or, for two "
      "classes, grey above 127 for a person";
  const char* map_help =
      "Ids of the masks to classes of the model, like 10=0,11=ignore; or, like person=15, the one "
      "class that grey above 127 stands for: its IoU is then the measure";
  CLI::Option* masks = command.add_option("--masks", options.masks, masks_help);
  command.add_option("--mask-map", arguments.mask_map, map_help)->needs(masks);
  command.add_option("--labels", options.class_names,
                     "Text file of the names of the masks' classes, one a line, the first of id 0 "
                     "(default: those in the model)");
  command.add_option("--labels-from", options.labels,
                     "CSV file of lines \"picture,class\" for classifiers (default: the picture's "
                     "folder or name)");
  command.add_option("--task", options.task, "What the model does (default: recognised)")
      ->check(CLI::IsMember({"segmentation", "classification", "image_to_image", "arrays"}));
  command.add_option("--limit", options.limit, "At most so many pictures or arrays")
      ->check(CLI::PositiveNumber);
}

void AddTimingOptions(CLI::App& command, CompareOptions& options) {
  command
      .add_option("--runs", options.runs,
                  "Timed runs per picture (default: ten in all, then more until each median is "
                  "known to 1 %)")
      ->check(CLI::Range(1, 10000));
  command.add_option("--max-runs", options.max_runs, "At most so many runs of a model in all")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--max-seconds", options.max_seconds, "At most so long for additional runs")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--threads", options.threads, "Threads (default: one per core)")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--resume", options.resume,
                   "Go on with a run into the same folder that was cut short");
}

// What is printed on standard output instead of the table.
absl::Status PrintAs(const Results& results, const OutputForms& forms, const std::string& folder) {
  if (forms.json) return Print(ResultsToJson(results));
  if (forms.csv) return Print(ResultsToCsv(results));
  if (forms.markdown) return Print(ResultsToMarkdown(results));
  return Print(TableText(results, folder));
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

absl::StatusOr<Results> RunInterruptibly(CompareOptions& options) {
  options.interrupted = &interrupted;
  struct sigaction action = {}, before = {};
  action.sa_handler = Interrupt;
  sigaction(SIGINT, &action, &before);
  Progress progress("Comparing", 0);
  options.progress = [&](int64_t done, int64_t total) { progress.Set(done, total); };
  auto results = Compare(options);
  sigaction(SIGINT, &before, nullptr);
  return results;
}

}  // namespace

void AddFormOptions(CLI::App& command, OutputForms& forms) {
  auto* group = command.add_option_group("Printing", "");
  group->add_flag("--json", forms.json, "Print the results as JSON instead of a table");
  group->add_flag("--csv", forms.csv, "Print the table as CSV");
  group->add_flag("--markdown", forms.markdown, "Print a summary in Markdown, for a pull request");
  group->require_option(0, 1);
  command.add_option("--png", forms.png, "Write a still contact sheet to this file");
  command
      .add_option("--fail-if", forms.fail_if,
                  "Exit with 1 when this holds for a variant: \"miou_drop > 0.5\" (points), "
                  "\"time_ratio > 1.1 or agreement < 99\"")
      ->check([](const std::string& text) { return std::string(CheckCondition(text).message()); });
}

void AddComparisonOptions(CLI::App& command, ComparisonArguments& arguments) {
  AddTruthOptions(command, arguments);
  command.add_option("-o,--output", arguments.options.output, "Folder for the results")->required();
  AddComputeArgument(command, arguments.compute,
                     "How variants of 8 bits or fewer are computed: float32 (default), or int8, "
                     "with 8-bit activations; the original always in float32");
  AddTargetArgument(command);
  AddTimingOptions(command, arguments.options);
  command.add_option("--allowed-loss", arguments.options.allowed_loss,
                     "What the recommended variant may lose, in the unit of the verdict's measure "
                     "(0.005: half a point of mean IoU)");
  AddFormOptions(command, arguments.forms);
}

absl::Status PresentResults(const Results& results, const OutputForms& forms,
                            const std::string& folder) {
  const absl::Status written = WriteReports(results, folder);
  if (!forms.png.empty()) {
    NBITS_ASSIGN_OR_RETURN(const std::string sheet, ContactSheet(results, folder));
    NBITS_RETURN_IF_ERROR(WriteFileAtomically(forms.png, sheet));
  }
  NameSkipped(results);
  NBITS_RETURN_IF_ERROR(PrintAs(results, forms, folder));
  NBITS_RETURN_IF_ERROR(written);
  return forms.fail_if.empty() ? absl::OkStatus() : FailIf(results, forms.fail_if);
}

absl::Status RunComparison(ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  SetCompute(arguments);
  NBITS_ASSIGN_OR_RETURN(options.mask_map, ParseMaskMap(arguments.mask_map));
  NBITS_RETURN_IF_ERROR(MakeFolder(options.output));
  NBITS_ASSIGN_OR_RETURN(const std::string program, ProgramPath());
  options.worker_command = {program, "internal-measure", "--target", VectorTarget()};
  options.nbits_version = NBITS_VERSION;
  options.commit = BuildCommit();
  options.command = CommandLine();
  options.checkpoint = [&](const Results& results) {
    const auto file = std::filesystem::path(options.output) / "results.json";
    WriteFileAtomically(file.string(), ResultsToJson(results)).IgnoreError();
  };
  NBITS_ASSIGN_OR_RETURN(const Results results, RunInterruptibly(options));
  NBITS_RETURN_IF_ERROR(PresentResults(results, arguments.forms, options.output));
  if (!results.partial) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("interrupted after ", results.partial->done, " of ",
                                         results.partial->total,
                                         " runs; the same command with --resume goes on"));
}

}  // namespace nbits::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/comparison.h"

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
#include "base/file.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "cli/build_facts.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/input_arguments.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/run_inputs.h"
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

// "0.005", "0.5%", "40dB" (at least, a loss of -40).
absl::StatusOr<double> ParseLoss(absl::string_view text) {
  const absl::string_view whole = text;
  const bool per_cent = absl::ConsumeSuffix(&text, "%");
  const bool decibels = !per_cent && absl::ConsumeSuffix(&text, "dB");
  double number = 0;
  if (!absl::SimpleAtod(absl::StripAsciiWhitespace(text), &number) || !std::isfinite(number)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", whole, "\" is no loss; like 0.005, 0.5% or 40dB"));
  }
  return per_cent ? number / 100 : decibels ? -number : number;
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

constexpr char kSamples[] = "Pictures or arrays (--images or --inputs is needed)";
constexpr char kTruth[] = "What is right";
constexpr char kTimes[] = "How times are measured";
constexpr char kResults[] = "Results";
constexpr int kManyPictures = 1000000000;

void AddSampleOptions(CLI::App& command, CompareOptions& options) {
  CLI::Option* images =
      command.add_option("--images", options.images,
                         "Folder of JPEG and PNG pictures, or of folders of them, one per class; "
                         "or one picture");
  images->type_name("FOLDER")->group(kSamples);
  command
      .add_option("--inputs", options.inputs,
                  "Folder of .npy arrays (or pictures) for the model's only input, or of folders "
                  "with a file NAME.npy for each input")
      ->type_name("FOLDER")
      ->group(kSamples)
      ->excludes(images);
  command.add_option("--limit", options.limit, "At most so many pictures or arrays")
      ->type_name("N")
      ->group(kSamples)
      ->check(WholeNumber(1, kManyPictures));
  AddPictureArguments(command, options.pictures);
}

void AddTruthOptions(CLI::App& command, ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  const char* masks_help =
      "Folder of PNG masks with the pictures' names: class ids (255 is ignored), or, for a "
      "model of two classes, grey (above 127: the second class)";
  const char* map_help =
      "Ids of the masks to classes of the model, like 10=0,11=ignore; or, like person=15, the one "
      "class that grey above 127 stands for: its IoU is then the measure";
  CLI::Option* masks = command.add_option("--masks", options.masks, masks_help);
  masks->type_name("FOLDER")->group(kTruth);
  command.add_option("--mask-map", arguments.mask_map, map_help)
      ->type_name("MAP")
      ->group(kTruth)
      ->needs(masks);
  command
      .add_option("--labels", options.class_names,
                  "Text file of the names of the masks' classes, one a line, the first of id 0 "
                  "(default: those in the model)")
      ->type_name("FILE")
      ->group(kTruth);
  command
      .add_option("--boxes", options.boxes,
                  "Folder of text files with the pictures' names for object detectors: a line "
                  "\"class x y width height\" per box, as YOLO has them (default: beside the "
                  "pictures)")
      ->type_name("FOLDER")
      ->group(kTruth);
  command
      .add_option("--labels-from", options.labels,
                  "CSV file of lines \"picture,class\" for classifiers (default: the picture's "
                  "folder or name)")
      ->type_name("FILE")
      ->group(kTruth);
  command
      .add_option("--task", options.task,
                  "What the model does: segmentation, classification, image_to_image, detection or "
                  "arrays (default: recognised)")
      ->type_name("TASK")
      ->group(kTruth)
      ->transform(
          WordOf({"segmentation", "classification", "image_to_image", "detection", "arrays"}));
}

void AddTimingOptions(CLI::App& command, CompareOptions& options) {
  command
      .add_option("--runs", options.runs,
                  "Timed runs per picture (default: ten in all, then more until each median is "
                  "known to 1 %)")
      ->type_name("N")
      ->group(kTimes)
      ->check(WholeNumber(1, 10000));
  command.add_option("--max-runs", options.max_runs, "At most so many runs of a model in all")
      ->type_name("N")
      ->group(kTimes)
      ->check(WholeNumber(1, 100000))
      ->capture_default_str();
  command
      .add_option("--max-seconds", options.max_seconds,
                  "At most so long for additional runs; 0: none (default: as long as the pictures "
                  "took, from 5 to 60)")
      ->type_name("SECONDS")
      ->group(kTimes)
      ->check(NotNegative());
}

void AddFolderOptions(CLI::App& command, ComparisonArguments& arguments) {
  command.add_option("-o,--output", arguments.options.output, "Folder for the results")
      ->type_name("FOLDER")
      ->group(kResults)
      ->required();
  CLI::Option* resume =
      command.add_flag("--resume", arguments.options.resume,
                       "Go on with what an earlier run into the same folder has measured; models "
                       "and pictures may be added");
  resume->group(kResults);
  command
      .add_flag("--overwrite", arguments.overwrite, "Write over the results that the folder holds")
      ->group(kResults)
      ->excludes(resume);
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

void AddFormOptions(CLI::App& command, OutputForms& forms) {
  CLI::Option* json =
      command.add_flag("--json", forms.json, "Print the results as JSON instead of a table");
  CLI::Option* csv = command.add_flag("--csv", forms.csv, "Print the table as CSV");
  CLI::Option* markdown = command.add_flag("--markdown", forms.markdown,
                                           "Print a summary in Markdown, for a pull request");
  csv->excludes(json)->group(kResults);
  markdown->excludes(json)->excludes(csv)->group(kResults);
  json->group(kResults);
  command.add_option("--png", forms.png, "Write a still contact sheet to this file")
      ->type_name("FILE")
      ->group(kResults);
  command
      .add_option("--fail-if", forms.fail_if,
                  "Exit with 3 when this holds for a variant: \"miou_drop > 0.5%\", \"time_ratio > "
                  "1.1 or agreement < 0.99\"; figures are those of results.csv: " +
                      ConditionFigures())
      ->type_name("CONDITION")
      ->group(kResults)
      ->check([](const std::string& text) { return std::string(CheckCondition(text).message()); });
}

void AddComparisonOptions(CLI::App& command, ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  AddSampleOptions(command, options);
  AddTruthOptions(command, arguments);
  AddFolderOptions(command, arguments);
  AddFormOptions(command, arguments.forms);
  command
      .add_option("--allowed-loss", arguments.allowed_loss,
                  "What the recommended variant may lose: 0.005 or 0.5% (half a point of mean "
                  "IoU), or, of pictures and arrays, how good it must be at least: 40dB")
      ->type_name("LOSS")
      ->group(kResults)
      ->check(
          [](const std::string& text) { return std::string(ParseLoss(text).status().message()); });
  AddTimingOptions(command, options);
  AddThreadsArgument(command, options.threads);
  AddComputeArgument(command, arguments.compute,
                     "How variants of 8 bits or fewer are computed: float32 (default), or int8, "
                     "with 8-bit activations; the original always in float32");
  AddTargetArgument(command);
}

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

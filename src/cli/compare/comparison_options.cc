// SPDX-License-Identifier: Apache-2.0
// The options of `compare` and `sweep`.
#include <CLI/CLI.hpp>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/compare/comparison.h"
#include "cli/engine_arguments.h"
#include "cli/input_arguments.h"
#include "cli/option_values.h"
#include "cli/run/run_inputs.h"
#include "nbits/report.h"

namespace nbits::cli {
namespace {

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

}  // namespace

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

}  // namespace nbits::cli

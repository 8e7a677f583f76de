// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/input_arguments.h"
#include "cli/progress.h"
#include "cli/run/run_inputs.h"
#include "cli/run/run_outputs.h"
#include "cli/run/run_values.h"
#include "cli/run/value_warnings.h"
#include "nbits/predictor.h"

namespace nbits::cli {
namespace {

struct RunArguments {
  std::string model;
  std::vector<std::string> files;  // Given without --input.
  InputArguments inputs;
  std::string folder;
  EngineOptions engine;
  bool profile = false;
  bool json = false;
};

constexpr const char* kFileEndings[] = {".png",  ".jpg",  ".jpeg", ".npy", ".gif",  ".bmp", ".tif",
                                        ".tiff", ".webp", ".heic", ".pdf", ".json", ".csv"};

// A folder of this name is hardly what is wanted, unless it is there.
void CheckFolderName(const std::string& folder) {
  const std::filesystem::path path(folder);
  const std::string ending = absl::AsciiStrToLower(path.extension().string());
  const auto* end = std::end(kFileEndings);
  if (std::find(std::begin(kFileEndings), end, ending) == end) return;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return;
  const std::string parent = path.parent_path().empty() ? "." : path.parent_path().string();
  throw CLI::ValidationError(
      "--output",
      absl::StrCat(folder, " looks like a file; it is a folder that gets all outputs. -o ", parent,
                   " writes ", (parent / std::filesystem::path("NAME")).string(),
                   ".png for each output that can be shown"));
}

// MODEL.mlmodel -> MODEL-out, beside the model as what `nbits quantize` writes.
std::string OutputFolder(const RunArguments& arguments) {
  if (!arguments.folder.empty()) return arguments.folder;
  std::filesystem::path model = std::filesystem::path(arguments.model).lexically_normal();
  if (model.filename().empty()) model = model.parent_path();  // A package, named "x.mlpackage/".
  return (model.parent_path() / absl::StrCat(model.stem().string(), "-out")).string();
}

// Splits off what is no array.
TensorMap TakeTensors(FeatureMap& values) {
  FeatureMap tensors;
  for (auto value = values.begin(); value != values.end();) {
    const auto next = std::next(value);
    if (std::holds_alternative<Tensor>(value->second)) tensors.insert(values.extract(value));
    value = next;
  }
  return TensorsOf(std::move(tensors));
}

// The picture that boxes are drawn on: the file in its own size, or the input as the model saw it;
// empty where there is neither.
Image DetectedPicture(const ModelDescription& model, const RunInputs& inputs) {
  for (const FeatureDescription& input : model.inputs) {
    const auto file = inputs.files.find(input.name);
    if (input.kind != FeatureKind::kImage || file == inputs.files.end()) continue;
    absl::StatusOr<Image> picture = ReadImage(file->second);
    if (!picture.ok()) {
      const auto tensor = inputs.tensors.find(input.name);
      if (tensor != inputs.tensors.end()) picture = TensorToImage(tensor->second, input.color);
    }
    if (picture.ok()) return *std::move(picture);
  }
  return {};
}

// Writes everything into the folder and adds it to the report.
absl::Status WriteResults(const ModelDescription& model, const RunInputs& inputs,
                          FeatureMap outputs, const std::string& folder, RunReport& report) {
  const TensorMap tensors = TakeTensors(outputs);
  NBITS_ASSIGN_OR_RETURN(report.outputs, WriteOutputs(model, inputs, tensors, folder));
  report.values = std::move(outputs);
  if (!report.values.empty()) {
    NBITS_RETURN_IF_ERROR(WriteFileAtomically(
        (std::filesystem::path(folder) / "values.json").string(), ValuesJson(report.values)));
  }
  if (!model.detector) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(std::vector<Detection> found, DetectionsOf(*model.detector, tensors));
  NBITS_ASSIGN_OR_RETURN(report.detections,
                         WriteDetections(std::move(found), model.class_labels,
                                         DetectedPicture(model, inputs), folder));
  return absl::OkStatus();
}

// Runs a model again and again, prepared anew only where shapes change.
class Runs {
 public:
  Runs(const RunArguments& arguments, const Model& model, Progress& progress)
      : arguments_(arguments), model_(model), progress_(progress) {}

  absl::StatusOr<RunReport> Run(const InputSources& sources, const std::string& folder) {
    const auto& features = model_.description().inputs;
    NBITS_ASSIGN_OR_RETURN(const RunInputs inputs,
                           ReadInputs(features, sources, arguments_.inputs.pictures));
    NBITS_RETURN_IF_ERROR(Prepare(inputs.shapes));
    NBITS_RETURN_IF_ERROR(MakeFolder(folder));  // Before the work, whose result it is for.
    RunReport report;
    NBITS_ASSIGN_OR_RETURN(FeatureMap outputs, Execute(inputs, report));
    NBITS_RETURN_IF_ERROR(
        WriteResults(model_.description(), inputs, std::move(outputs), folder, report));
    report.notes = inputs.notes;
    for (const OutputReport& output : report.outputs) {
      report.notes.insert(report.notes.end(), output.notes.begin(), output.notes.end());
    }
    return report;
  }

 private:
  absl::Status Prepare(const std::map<std::string, Shape>& shapes) {
    if (predictor_ && shapes == shapes_) return absl::OkStatus();
    predictor_.reset();  // Before there are two.
    absl::StatusOr<Predictor> predictor = Predictor::Create(model_, arguments_.engine, shapes);
    if (!predictor.ok()) {
      return InFile(arguments_.model,
                    WithShapeHint(predictor.status(), model_.description().inputs, shapes));
    }
    predictor_ = *std::move(predictor);
    shapes_ = shapes;
    return absl::OkStatus();
  }

  absl::StatusOr<FeatureMap> Execute(const RunInputs& inputs, RunReport& report) {
    FeatureMap values = inputs.values;
    for (const auto& [name, tensor] : inputs.tensors) values[name] = tensor;
    std::vector<LayerProfile>* profile = arguments_.profile ? &report.profile : nullptr;
    const auto start = std::chrono::steady_clock::now();
    auto outputs = predictor_->Predict(std::move(values), profile);
    if (!outputs.ok()) {
      return InFile(arguments_.model,
                    WithMemoryHint(outputs.status(), model_.description().inputs, shapes_));
    }
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    progress_.Clear();
    WarnOfNonFinite(TensorsOf(*outputs));
    NoteWideTensors(*predictor_);
    report.milliseconds = elapsed.count();
    report.activation_bytes = predictor_->activation_bytes();
    report.model = arguments_.model;
    return outputs;
  }

  const RunArguments& arguments_;
  const Model& model_;
  Progress& progress_;
  std::optional<Predictor> predictor_;
  std::map<std::string, Shape> shapes_;
};

// One folder for each of several runs, named after the run's first file that is its own.
std::vector<std::string> FoldersFor(const std::string& folder,
                                    const std::vector<InputSources>& runs, size_t shared) {
  if (runs.size() == 1) return {folder};
  std::vector<std::string> folders;
  std::set<std::string> taken;
  for (const InputSources& sources : runs) {
    const std::string stem = std::filesystem::path(sources[shared].file).stem().string();
    folders.push_back((std::filesystem::path(folder) / UniqueFileName(stem, taken)).string());
  }
  return folders;
}

struct RunsDone {
  std::vector<RunReport> reports;
  std::vector<std::string> failures;  // Of several runs; the others go on.
};

absl::StatusOr<RunsDone> RunModel(const RunArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const Model model, OpenToRun(arguments.model));
  const auto& features = model.description().inputs;
  const auto parsed = ParseRuns(features, arguments.inputs.files, arguments.files);
  if (!parsed.ok()) return InFile(arguments.model, parsed.status());
  const std::vector<InputSources>& runs = *parsed;
  for (const InputSources& sources : runs) {
    NBITS_RETURN_IF_ERROR(InFile(arguments.model, CheckComplete(features, sources)));
  }
  NBITS_ASSIGN_OR_RETURN(const InputSources shared, ParseSources(features, arguments.inputs.files));
  const auto folders = FoldersFor(OutputFolder(arguments), runs, shared.size());
  const std::string name = std::filesystem::path(arguments.model).filename().string();
  Progress progress("Running " + name, runs.size() > 1 ? static_cast<int64_t>(runs.size()) : 0);
  Runs running(arguments, model, progress);
  RunsDone done;
  for (size_t i = 0; i < runs.size(); ++i) {
    auto report = running.Run(runs[i], folders[i]);
    if (runs.size() == 1) {
      NBITS_RETURN_IF_ERROR(report.status());
    } else if (report.ok()) {
      report->input = runs[i][shared.size()].file;
    } else {
      done.failures.push_back(std::string(report.status().message()));
    }
    if (report.ok()) done.reports.push_back(*std::move(report));
    if (runs.size() > 1) progress.Advance();
  }
  return done;
}

absl::Status Run(const RunArguments& arguments) {
  CheckFolderName(arguments.folder);
  NBITS_ASSIGN_OR_RETURN(const RunsDone done, RunModel(arguments));
  for (const RunReport& report : done.reports) PrintNotes(report.notes);
  NBITS_RETURN_IF_ERROR(Print(arguments.json ? RunJson(done.reports) : RunText(done.reports)));
  for (size_t i = 0; i + 1 < done.failures.size(); ++i) {
    std::fprintf(stderr, "nbits: %s\n", Printable(done.failures[i]).c_str());
  }
  return done.failures.empty() ? absl::OkStatus()
                               : absl::FailedPreconditionError(done.failures.back());
}

}  // namespace

void AddRunCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("run", "Run a model on this CPU");
  static RunArguments arguments;
  command.add_option("MODEL", arguments.model, "A .mlmodel or .mlpackage")->required();
  command.add_option("INPUT", arguments.files,
                     "The same as --input; several for one input are run one after the other, each "
                     "into a folder of its own");
  AddInputArguments(command, arguments.inputs, /*with_shapes=*/false);
  constexpr char kResults[] = "Results";
  command
      .add_option(
          "-o,--output", arguments.folder,
          "Folder for the results (default: MODEL-out): every output as .npy; what can be "
          "shown as NAME.png; classes as NAME.mask.png or NAME.csv; what an object detector "
          "found as boxes on the picture, detections.png, .json and .csv")
      ->type_name("FOLDER")
      ->group(kResults);
  command.add_flag("--profile", arguments.profile, "Show the time of each layer")->group(kResults);
  command.add_flag("--json", arguments.json, "Print JSON instead of text")->group(kResults);
  AddEngineArguments(command, arguments.engine);
  SetAction(command, [] { return Run(arguments); });
}

}  // namespace nbits::cli

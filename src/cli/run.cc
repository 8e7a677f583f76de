// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/progress.h"
#include "cli/run_inputs.h"
#include "cli/run_outputs.h"
#include "cli/value_warnings.h"

namespace nbits::cli {
namespace {

struct RunArguments {
  std::string model;
  std::vector<std::string> inputs;
  std::string folder;
  EngineOptions engine;
  bool profile = false;
  bool json = false;
};

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && std::filesystem::is_directory(folder, error)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("cannot make the folder ", folder, ": ", error.message()));
}

// Numbers, strings and the like of model types that have no network.
absl::Status CheckInputKinds(const RunArguments& arguments, const ModelDescription& model) {
  for (const FeatureDescription& input : model.inputs) {
    if (input.kind == FeatureKind::kImage || input.kind == FeatureKind::kMultiArray) continue;
    if (input.optional) continue;
    return absl::UnimplementedError(absl::StrCat(arguments.model, ": a ", model.type,
                                                 " cannot be run: input '", input.name,
                                                 "' is neither a picture nor an array"));
  }
  return absl::OkStatus();
}

struct Execution {
  TensorMap outputs;
  RunReport report;
};

absl::StatusOr<Execution> Execute(const RunArguments& arguments, const Model& model,
                                  const RunInputs& inputs, Progress& progress) {
  const absl::StatusOr<Engine> engine = Engine::Create(model, arguments.engine, inputs.shapes);
  if (!engine.ok()) return InFile(arguments.model, engine.status());
  Execution execution;
  std::vector<LayerProfile>* profile = arguments.profile ? &execution.report.profile : nullptr;
  const auto start = std::chrono::steady_clock::now();
  auto outputs = engine->Run(inputs.tensors, profile);
  if (!outputs.ok()) return InFile(arguments.model, outputs.status());
  execution.outputs = *std::move(outputs);
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  progress.Clear();
  WarnOfNonFinite(execution.outputs);
  NoteWideTensors(*engine);
  execution.report.milliseconds = elapsed.count();
  execution.report.activation_bytes = engine->activation_bytes();
  execution.report.model = arguments.model;
  return execution;
}

absl::StatusOr<RunReport> RunModel(const RunArguments& arguments) {
  Progress progress("Running " + std::filesystem::path(arguments.model).filename().string(), 0);
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(arguments.model));
  NBITS_RETURN_IF_ERROR(CheckInputKinds(arguments, model.description()));
  NBITS_ASSIGN_OR_RETURN(const RunInputs inputs,
                         ReadInputs(model.description().inputs, arguments.inputs));
  NBITS_ASSIGN_OR_RETURN(Execution execution, Execute(arguments, model, inputs, progress));
  NBITS_RETURN_IF_ERROR(MakeFolder(arguments.folder));
  NBITS_ASSIGN_OR_RETURN(execution.report.outputs,
                         WriteOutputs(model.description(), execution.outputs, arguments.folder));
  return std::move(execution.report);
}

absl::Status Run(const RunArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const RunReport report, RunModel(arguments));
  return Print(arguments.json ? RunJson(report) : RunText(report));
}

}  // namespace

void AddRunCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("run", "Run a model on this CPU");
  static RunArguments arguments;
  command.add_option("MODEL", arguments.model, "A .mlmodel file")->required();
  command
      .add_option("-i,--input", arguments.inputs,
                  "NAME=FILE, or FILE if the model has one input: a JPEG or PNG picture, "
                  "scaled to the model's size, or a .npy array. Once per input")
      ->allow_extra_args(false);
  command
      .add_option("-o,--output", arguments.folder,
                  "Folder for the results: every output as .npy, pictures and masks as .png too")
      ->required();
  AddEngineArguments(command, arguments.engine);
  command.add_flag("--profile", arguments.profile, "Show the time of each layer");
  command.add_flag("--json", arguments.json, "Print JSON instead of text");
  SetAction(command, [] { return Run(arguments); });
}

}  // namespace nbits::cli

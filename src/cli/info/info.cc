// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/info/info_report.h"
#include "cli/info/memory_report.h"
#include "cli/input_arguments.h"
#include "cli/option_values.h"
#include "nbits/predictor.h"

namespace nbits::cli {
namespace {

struct InfoArguments {
  std::string path;
  bool each_weight = false;
  std::string memory;    // "normal" or "lean": show that plan.
  EngineOptions engine;  // For the plan.
  InputArguments inputs;
  bool json = false;
};

absl::Status PrintMemoryPlan(const InfoArguments& arguments, const Model& model) {
  EngineOptions options = arguments.engine;
  options.memory = arguments.memory == "lean" ? Memory::kLean : Memory::kNormal;
  NBITS_RETURN_IF_ERROR(InFile(arguments.path, Predictor::CheckSupported(model)));
  const auto& features = model.description().inputs;
  NBITS_ASSIGN_OR_RETURN(const GivenInputs given, ReadGivenInputs(features, arguments.inputs));
  const absl::StatusOr<Predictor> predictor = Predictor::Create(model, options, given.shapes);
  if (!predictor.ok()) {
    return InFile(arguments.path, WithShapeHint(predictor.status(), features, given.shapes));
  }
  const auto reports = predictor->memory();
  return Print(arguments.json ? MemoryJson(reports) : MemoryText(reports));
}

absl::Status Info(const InfoArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(arguments.path));
  if (!arguments.memory.empty()) return PrintMemoryPlan(arguments, model);
  if (arguments.inputs != InputArguments()) {
    throw CLI::ValidationError("info", "inputs, shapes and sizes are for --memory");
  }
  const std::string report = arguments.json
                                 ? InfoJson(model, arguments.path, arguments.each_weight)
                                 : InfoText(model, arguments.path, arguments.each_weight);
  return Print(report);
}

}  // namespace

void AddInfoCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("info", "Describe a model and its weights");
  static InfoArguments arguments;
  constexpr char kShown[] = "What is shown";
  command.add_option("MODEL", arguments.path, "A .mlmodel or .mlpackage")->required();
  command.add_flag("--weights", arguments.each_weight, "List every weight")->group(kShown);
  command
      .add_flag("--memory{normal}", arguments.memory,
                "Show where every tensor lives while the model runs (--memory=lean: in that mode); "
                "the options of inputs and of how it is computed are for this")
      ->transform(WordOf({"normal", "lean"}))
      ->group(kShown);
  command.add_flag("--json", arguments.json, "Print JSON instead of text")->group(kShown);
  AddInputArguments(command, arguments.inputs, /*with_shapes=*/true);
  AddComputeArguments(command, arguments.engine);
  SetAction(command, [] { return Info(arguments); });
}

}  // namespace nbits::cli

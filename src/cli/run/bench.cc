// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "base/threads/processors.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/input_arguments.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/run/run_inputs.h"
#include "cli/run/run_values.h"
#include "cli/run/value_warnings.h"
#include "compare/judge/statistics.h"
#include "nbits/model.h"
#include "nbits/predictor.h"
#include "nbits/target.h"

namespace nbits::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

struct BenchArguments {
  std::string model;
  int runs = 10;
  InputArguments inputs;
  EngineOptions engine;
  bool json = false;
};

// All times in milliseconds.
struct BenchReport {
  double load = 0;           // From the file's name to an engine that is ready to run.
  double first = 0;          // The first run, which finds all memory cold.
  std::vector<double> warm;  // The runs after it, ascending.
  int64_t activation_bytes = 0, peak_memory_bytes = 0;
  std::map<std::string, Shape> shapes;  // Of inputs, where they are not the model's default ones.

  // Mean of the two middle ones for an even number.
  double median() const {
    const size_t count = warm.size();
    return (warm[(count - 1) / 2] + warm[count / 2]) / 2;
  }
  // How far the runs lie apart: their interquartile range, as in results.json. Nothing for one run.
  std::optional<double> spread() const {
    if (warm.size() < 2) return std::nullopt;
    return InterquartileRange(warm);
  }
};

// As the engine reads it: 0 is one per processor.
int Threads(const BenchArguments& arguments) {
  return arguments.engine.threads > 0 ? arguments.engine.threads : UsableProcessors();
}

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Gives those that are not in `tensors` or `values` the same random values each time. Pictures have
// 0..255, arrays and numbers -1..1, whole numbers 0 or 1. Numbers that may be left out are: they
// stand for the model's own, such as a detector's thresholds.
absl::Status FillInputs(const Predictor& predictor, const FeatureMap& values, TensorMap& tensors) {
  std::mt19937 generator(1);
  for (const FeatureDescription& input : predictor.inputs()) {
    if (tensors.contains(input.name) || values.contains(input.name)) continue;
    const bool picture = input.kind == FeatureKind::kImage;
    const bool array = picture || input.kind == FeatureKind::kMultiArray;
    const bool whole = input.kind == FeatureKind::kInt64;
    if (!array && input.optional) continue;
    if (!array && !whole && input.kind != FeatureKind::kDouble) {
      return absl::InvalidArgumentError(absl::StrCat("no random value can be made for ",
                                                     DescribeValue(input), "; give one (-i ",
                                                     input.name, "=VALUE)"));
    }
    std::uniform_real_distribution<float> uniform(picture ? 0.0f : -1.0f, picture ? 255.0f : 1.0f);
    Tensor& tensor = tensors[input.name];
    tensor.shape = input.shape;
    size_t count = 1;
    for (int64_t extent : input.shape) count *= static_cast<size_t>(extent);
    NBITS_RETURN_IF_ERROR(CheckMemory(static_cast<int64_t>(count * sizeof(float)),
                                      absl::StrCat("input '", input.name, "'")));
    tensor.values.resize(count);
    std::ranges::generate(tensor.values, [&] { return uniform(generator); });
    for (float& value : tensor.values) value = whole && value < 0 ? 0.0f : whole ? 1.0f : value;
  }
  return absl::OkStatus();
}

struct Loaded {
  Predictor predictor;
  TensorMap tensors;
  FeatureMap values;  // All inputs, where some are no tensors.
  double milliseconds = 0;
  std::vector<FeatureDescription> features;  // As the model describes its inputs.
  std::map<std::string, Shape> shapes;
};

// The model with its inputs; reading these is not part of the time.
absl::StatusOr<Loaded> Load(const BenchArguments& arguments) {
  const Clock::time_point start = Clock::now();
  NBITS_ASSIGN_OR_RETURN(const Model model, OpenToRun(arguments.model));
  double milliseconds = MillisecondsSince(start);
  const auto& features = model.description().inputs;
  NBITS_ASSIGN_OR_RETURN(GivenInputs given, ReadGivenInputs(features, arguments.inputs));
  const Clock::time_point again = Clock::now();
  absl::StatusOr<Predictor> predictor = Predictor::Create(model, arguments.engine, given.shapes);
  if (!predictor.ok()) {
    return InFile(arguments.model, WithShapeHint(predictor.status(), features, given.shapes));
  }
  milliseconds += MillisecondsSince(again);
  const absl::Status filled = FillInputs(*predictor, given.values, given.tensors);
  if (!filled.ok()) return InFile(arguments.model, filled);
  if (!given.values.empty()) {
    for (const auto& [name, tensor] : given.tensors) given.values[name] = tensor;
  }
  return Loaded{*std::move(predictor),
                std::move(given.tensors),
                std::move(given.values),
                milliseconds,
                features,
                std::move(given.shapes)};
}

absl::StatusOr<TensorMap> RunOnce(const Loaded& loaded) {
  if (loaded.values.empty()) return loaded.predictor.Run(loaded.tensors);
  NBITS_ASSIGN_OR_RETURN(FeatureMap outputs, loaded.predictor.Predict(loaded.values));
  return TensorsOf(std::move(outputs));
}

absl::StatusOr<double> TimeRun(const BenchArguments& arguments, const Loaded& loaded,
                               TensorMap& outputs) {
  const Clock::time_point start = Clock::now();
  auto result = RunOnce(loaded);
  if (!result.ok()) {
    return InFile(arguments.model, WithMemoryHint(result.status(), loaded.features, loaded.shapes));
  }
  outputs = *std::move(result);
  return MillisecondsSince(start);
}

absl::StatusOr<BenchReport> Measure(const BenchArguments& arguments) {
  Progress progress("Timing " + std::filesystem::path(arguments.model).filename().string(),
                    arguments.runs + 1);
  BenchReport report;
  NBITS_ASSIGN_OR_RETURN(const Loaded loaded, Load(arguments));
  report.load = loaded.milliseconds;
  report.shapes = loaded.shapes;
  TensorMap outputs;
  NBITS_ASSIGN_OR_RETURN(report.first, TimeRun(arguments, loaded, outputs));
  progress.Advance();
  for (int i = 0; i < arguments.runs; ++i) {
    NBITS_ASSIGN_OR_RETURN(const double milliseconds, TimeRun(arguments, loaded, outputs));
    report.warm.push_back(milliseconds);
    progress.Advance();
  }
  progress.Clear();
  WarnOfNonFinite(outputs);
  NoteWideTensors(loaded.predictor);
  std::ranges::sort(report.warm);
  report.activation_bytes = loaded.predictor.activation_bytes();
  report.peak_memory_bytes = PeakMemoryBytes();
  return report;
}

// Small networks take microseconds.
std::string Milliseconds(double milliseconds) {
  if (milliseconds < 1) return absl::StrFormat("%10.3f ms", milliseconds);
  return absl::StrFormat("%10.1f ms", milliseconds);
}

std::string SpreadText(const BenchReport& report) {
  const std::optional<double> spread = report.spread();
  if (!spread) return "   unknown (one run only)";
  return Milliseconds(*spread) + " between the quarters of the runs";
}

std::string ShapesText(const BenchReport& report) {
  std::string text;
  for (const auto& [name, shape] : report.shapes) {
    absl::StrAppend(&text, "input    ", Printable(name), "  ", ShapeText(shape), "\n");
  }
  return text;
}

std::string Text(const BenchArguments& arguments, const BenchReport& report) {
  std::string text = ShapesText(report);
  absl::StrAppendFormat(&text,
                        "load     %s\nfirst    %s\nmedian   %s of %s\nmin      %s\nspread   %s\n"
                        "memory   %13s peak of the process,\n"
                        "         %13s of it planned for activations\n"
                        "threads  %10d\ntarget   %10s vector instructions\n",
                        Milliseconds(report.load), Milliseconds(report.first),
                        Milliseconds(report.median()), CountText(report.warm.size(), "run"),
                        Milliseconds(report.warm.front()), SpreadText(report),
                        BytesText(report.peak_memory_bytes), BytesText(report.activation_bytes),
                        Threads(arguments), VectorTarget());
  return text;
}

std::string JsonText(const BenchArguments& arguments, const BenchReport& report) {
  Json json = {{"model", arguments.model},
               {"threads", Threads(arguments)},
               {"target", VectorTarget()},
               {"runs", report.warm.size()},
               {"load_ms", report.load},
               {"first_ms", report.first},
               {"median_ms", report.median()},
               {"min_ms", report.warm.front()},
               {"times_ms", report.warm},
               {"activation_bytes", report.activation_bytes},
               {"peak_memory_bytes", report.peak_memory_bytes}};
  if (const auto spread = report.spread()) json["spread_ms"] = *spread;
  if (!report.shapes.empty()) json["shapes"] = report.shapes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::Status Bench(const BenchArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const BenchReport report, Measure(arguments));
  return Print(arguments.json ? JsonText(arguments, report) : Text(arguments, report));
}

}  // namespace

void AddBenchCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "bench", "Time a model and measure its memory, on random values or given inputs");
  static BenchArguments arguments;
  command.add_option("MODEL", arguments.model, "A .mlmodel or .mlpackage")->required();
  constexpr char kMeasured[] = "What is measured and shown";
  command.add_option("--runs", arguments.runs, "Runs after the first (default 10)")
      ->type_name("N")
      ->group(kMeasured)
      ->check(WholeNumber(1, 1000000));
  command.add_flag("--json", arguments.json, "Print JSON instead of text")->group(kMeasured);
  AddInputArguments(command, arguments.inputs, /*with_shapes=*/true);
  AddEngineArguments(command, arguments.engine);
  SetAction(command, [] { return Bench(arguments); });
}

}  // namespace nbits::cli

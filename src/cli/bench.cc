// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "cli/command.h"
#include "cli/engine_arguments.h"
#include "cli/progress.h"
#include "cli/value_warnings.h"
#include "nbits/engine.h"
#include "nbits/model.h"
#include "nbits/target.h"

namespace nbits::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

struct BenchArguments {
  std::string model;
  int runs = 10;
  EngineOptions engine;
  bool json = false;
};

// All times in milliseconds.
struct BenchReport {
  double load = 0;           // From the file's name to an engine that is ready to run.
  double first = 0;          // The first run, which finds all memory cold.
  std::vector<double> warm;  // The runs after it, ascending.
  int64_t activation_bytes = 0, peak_memory_bytes = 0;

  // Mean of the two middle ones for an even number.
  double median() const {
    const size_t count = warm.size();
    return (warm[(count - 1) / 2] + warm[count / 2]) / 2;
  }
  // How far the runs lie apart, as a share of the median.
  double spread() const { return (warm.back() - warm.front()) / median(); }
};

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// The same values each time. Pictures have 0..255, arrays -1..1.
TensorMap RandomInputs(const Engine& engine) {
  std::mt19937 generator(1);
  TensorMap inputs;
  for (const FeatureDescription& input : engine.inputs()) {
    const bool picture = input.kind == FeatureKind::kImage;
    std::uniform_real_distribution<float> uniform(picture ? 0.0f : -1.0f, picture ? 255.0f : 1.0f);
    Tensor& tensor = inputs[input.name];
    tensor.shape = input.shape;
    size_t count = 1;
    for (int64_t extent : input.shape) count *= static_cast<size_t>(extent);
    tensor.values.resize(count);
    std::ranges::generate(tensor.values, [&] { return uniform(generator); });
  }
  return inputs;
}

absl::StatusOr<Engine> Load(const BenchArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(arguments.model));
  absl::StatusOr<Engine> engine = Engine::Create(model, arguments.engine);
  if (engine.ok()) return engine;
  return absl::Status(engine.status().code(),
                      absl::StrCat(arguments.model, ": ", engine.status().message()));
}

absl::StatusOr<double> TimeRun(const Engine& engine, const TensorMap& inputs, TensorMap& outputs) {
  const Clock::time_point start = Clock::now();
  NBITS_ASSIGN_OR_RETURN(outputs, engine.Run(inputs));
  return MillisecondsSince(start);
}

absl::StatusOr<BenchReport> Measure(const BenchArguments& arguments) {
  Progress progress("Timing " + std::filesystem::path(arguments.model).filename().string(),
                    arguments.runs + 1);
  BenchReport report;
  const Clock::time_point start = Clock::now();
  NBITS_ASSIGN_OR_RETURN(const Engine engine, Load(arguments));
  report.load = MillisecondsSince(start);
  const TensorMap inputs = RandomInputs(engine);
  TensorMap outputs;
  NBITS_ASSIGN_OR_RETURN(report.first, TimeRun(engine, inputs, outputs));
  progress.Advance();
  for (int i = 0; i < arguments.runs; ++i) {
    NBITS_ASSIGN_OR_RETURN(const double milliseconds, TimeRun(engine, inputs, outputs));
    report.warm.push_back(milliseconds);
    progress.Advance();
  }
  progress.Clear();
  WarnOfNonFinite(outputs);
  NoteWideTensors(engine);
  std::ranges::sort(report.warm);
  report.activation_bytes = engine.activation_bytes();
  report.peak_memory_bytes = PeakMemoryBytes();
  return report;
}

std::string Text(const BenchReport& report) {
  const auto megabytes = [](int64_t bytes) { return static_cast<double>(bytes) / 1e6; };
  return absl::StrFormat(
      "load     %10.1f ms\nfirst    %10.1f ms\nmedian   %10.1f ms of %d runs\n"
      "min      %10.1f ms\nspread   %10.1f %% (max - min) / median\n"
      "memory   %10.1f MB peak of the process, %.1f MB of it planned for activations\n"
      "target   %10s vector instructions\n",
      report.load, report.first, report.median(), report.warm.size(), report.warm.front(),
      report.spread() * 100, megabytes(report.peak_memory_bytes),
      megabytes(report.activation_bytes), VectorTarget());
}

std::string JsonText(const BenchArguments& arguments, const BenchReport& report) {
  const Json json = {{"model", arguments.model},
                     {"threads", arguments.engine.threads},
                     {"target", VectorTarget()},
                     {"runs", report.warm.size()},
                     {"load_ms", report.load},
                     {"first_ms", report.first},
                     {"median_ms", report.median()},
                     {"min_ms", report.warm.front()},
                     {"spread", report.spread()},
                     {"times_ms", report.warm},
                     {"activation_bytes", report.activation_bytes},
                     {"peak_memory_bytes", report.peak_memory_bytes}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::Status Bench(const BenchArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const BenchReport report, Measure(arguments));
  return Print(arguments.json ? JsonText(arguments, report) : Text(report));
}

}  // namespace

void AddBenchCommand(CLI::App& program) {
  CLI::App& command =
      *program.add_subcommand("bench", "Time a model and measure its memory, on random input");
  static BenchArguments arguments;
  command.add_option("MODEL", arguments.model, "A .mlmodel file")->required();
  command.add_option("--runs", arguments.runs, "Runs after the first (default 10)")
      ->check(CLI::Range(1, 1000000));
  AddEngineArguments(command, arguments.engine);
  command.add_flag("--json", arguments.json, "Print JSON instead of text");
  SetAction(command, [] { return Bench(arguments); });
}

}  // namespace nbits::cli

// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "compare/measure/line_channel.h"
#include "nbits/compare.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/npy.h"
#include "nbits/predictor.h"
#include "nbits/target.h"

namespace nbits {
namespace {

using Message = nlohmann::json;
using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

using Shapes = std::map<std::string, Shape>;

// A model made ready for inputs of some shapes, and for others when they come.
class Worker {
 public:
  Worker(std::string path, const EngineOptions& options)
      : path_(std::move(path)), options_(options) {}

  absl::Status Load(const Shapes& shapes) {
    predictor_.reset();  // Before there are two.
    // The model itself is not kept: what it takes would count to the run's memory.
    NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(path_));
    inputs_ = model.description().inputs;
    absl::StatusOr<Predictor> predictor = Predictor::Create(model, options_, shapes);
    if (!predictor.ok()) {
      return absl::Status(predictor.status().code(),
                          absl::StrCat(predictor.status().message(), ShapeHint(inputs_, shapes)));
    }
    predictor_ = *std::move(predictor);
    shapes_ = shapes;
    return absl::OkStatus();
  }

  // Makes the model ready for these inputs, with an untimed run where that is more than it was.
  absl::Status Adapt(const TensorMap& inputs) {
    Shapes shapes = OtherShapes(inputs_, inputs);
    if (predictor_ && shapes == shapes_) return absl::OkStatus();
    NBITS_RETURN_IF_ERROR(Load(shapes));
    return predictor_->Run(inputs).status();
  }

  // With what there is to say about the shapes where the memory that they need is not there.
  absl::StatusOr<TensorMap> Run(const TensorMap& inputs) const {
    auto outputs = predictor_->Run(inputs);
    if (!absl::IsResourceExhausted(outputs.status())) return outputs;
    return absl::ResourceExhaustedError(
        absl::StrCat(outputs.status().message(), ShapeHint(inputs_, shapes_)));
  }

 private:
  std::string path_;
  EngineOptions options_;
  std::vector<FeatureDescription> inputs_;
  Shapes shapes_;
  std::optional<Predictor> predictor_;
};

absl::StatusOr<TensorMap> ReadInputs(const Message& files) {
  TensorMap inputs;
  for (const auto& [name, file] : files.items()) {
    NBITS_ASSIGN_OR_RETURN(inputs[name], ReadNpy(file.get<std::string>()));
  }
  return inputs;
}

// Numbered files: an output's name may hold anything.
absl::StatusOr<Message> SaveOutputs(const TensorMap& outputs, const std::string& prefix) {
  Message files = Message::object();
  for (const auto& [name, tensor] : outputs) {
    const std::string file = absl::StrCat(prefix, files.size(), ".npy");
    NBITS_RETURN_IF_ERROR(WriteNpy(file, tensor));
    files[name] = file;
  }
  return files;
}

// Request: {"inputs": {NAME: FILE.npy, ...}, "save": PREFIX or null}.
// Answer: {"ms": T, "peak_memory_bytes": B, "outputs": {NAME: FILE.npy, ...}}.
absl::StatusOr<Message> Reply(Worker& worker, const Message& request) {
  NBITS_ASSIGN_OR_RETURN(const TensorMap inputs, ReadInputs(request.at("inputs")));
  NBITS_RETURN_IF_ERROR(worker.Adapt(inputs));
  const Clock::time_point start = Clock::now();
  NBITS_ASSIGN_OR_RETURN(const TensorMap outputs, worker.Run(inputs));
  Message answer = {{"ms", MillisecondsSince(start)}, {"peak_memory_bytes", PeakMemoryBytes()}};
  const Message& save = request.at("save");
  if (save.is_string()) {
    NBITS_ASSIGN_OR_RETURN(answer["outputs"], SaveOutputs(outputs, save.get<std::string>()));
  }
  return answer;
}

std::string Line(const absl::StatusOr<Message>& answer) {
  const Message line =
      answer.ok() ? *answer : Message{{"error", std::string(answer.status().message())}};
  return line.dump(-1, ' ', false, Message::error_handler_t::replace);
}

}  // namespace

absl::Status ServeMeasurements(const std::string& model, const EngineOptions& options, int input,
                               int output, const std::map<std::string, Shape>& shapes) {
  LineChannel channel(input, output);
  const Clock::time_point start = Clock::now();
  Worker worker(model, options);
  if (const absl::Status loaded = worker.Load(shapes); !loaded.ok()) {
    return channel.Write(Line(loaded));
  }
  NBITS_RETURN_IF_ERROR(channel.Write(
      Line(Message{{"load_ms", MillisecondsSince(start)}, {"target", VectorTarget()}})));
  while (true) {
    NBITS_ASSIGN_OR_RETURN(const std::optional<std::string> line, channel.Read());
    if (!line) return absl::OkStatus();
    const Message request = Message::parse(*line, nullptr, /*allow_exceptions=*/false);
    if (!request.is_object() || !request.contains("inputs") || !request.contains("save")) {
      return absl::InvalidArgumentError("a request is not what Compare sends");
    }
    NBITS_RETURN_IF_ERROR(channel.Write(Line(Reply(worker, request))));
  }
}

}  // namespace nbits

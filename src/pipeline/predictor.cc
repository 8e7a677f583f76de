// SPDX-License-Identifier: Apache-2.0
#include "nbits/predictor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/foreign_file.h"
#include "pipeline/make_stage.h"
#include "pipeline/network_stage.h"
#include "pipeline/stage.h"
#include "pipeline/values.h"

namespace nbits {
namespace {

// Arrays leave as tensors, whatever they were computed in.
absl::Status MakeTensors(FeatureMap& values) {
  for (auto& named : values) {
    if (!std::holds_alternative<DoubleArray>(named.second)) continue;
    NBITS_ASSIGN_OR_RETURN(named.second, ToTensor(named.second));
  }
  return absl::OkStatus();
}

}  // namespace

// A network by itself needs no stage around its engine, and no copies.
struct Predictor::Impl {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Stage> stage;
  std::vector<FeatureDescription> inputs, outputs;
};

Predictor::Predictor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

absl::Status Predictor::CheckSupported(const Model& model) {
  const absl::Status status = CheckTypes(model.description());
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(status.message(), ProgramAdvice(model)));
}

absl::StatusOr<Predictor> Predictor::Create(const Model& model, const EngineOptions& options,
                                            const std::map<std::string, Shape>& shapes) {
  auto impl = std::make_unique<Impl>();
  if (IsNetwork(model.description().type)) {
    NBITS_ASSIGN_OR_RETURN(Engine engine, Engine::Create(model, options, shapes));
    impl->engine = std::make_unique<Engine>(std::move(engine));
    return Predictor(std::move(impl));
  }
  NBITS_RETURN_IF_ERROR(CheckSupported(model));
  NBITS_RETURN_IF_ERROR(CheckShapes(model.description(), shapes));
  NBITS_ASSIGN_OR_RETURN(impl->stage, MakeStage(model, options, shapes));
  impl->inputs = model.description().inputs;
  impl->outputs = model.description().outputs;
  for (FeatureDescription& input : impl->inputs) SetShape(shapes, input);
  return Predictor(std::move(impl));
}

const std::vector<FeatureDescription>& Predictor::inputs() const {
  return impl_->engine ? impl_->engine->inputs() : impl_->inputs;
}

const std::vector<FeatureDescription>& Predictor::outputs() const {
  return impl_->engine ? impl_->engine->outputs() : impl_->outputs;
}

absl::StatusOr<FeatureMap> Predictor::Predict(FeatureMap inputs,
                                              std::vector<LayerProfile>* profile) const {
  if (impl_->engine) {
    NBITS_ASSIGN_OR_RETURN(TensorMap outputs,
                           impl_->engine->Run(TensorsOf(std::move(inputs)), profile));
    FeatureMap values;
    for (auto& [name, tensor] : outputs) values[name] = std::move(tensor);
    return values;
  }
  NBITS_RETURN_IF_ERROR(CheckInputs(impl_->inputs, inputs));
  NBITS_ASSIGN_OR_RETURN(FeatureMap outputs, impl_->stage->Run(Scope(inputs), profile));
  NBITS_RETURN_IF_ERROR(MakeTensors(outputs));
  return outputs;
}

absl::StatusOr<TensorMap> Predictor::Run(const TensorMap& inputs,
                                         std::vector<LayerProfile>* profile) const {
  if (impl_->engine) return impl_->engine->Run(inputs, profile);
  FeatureMap values;
  for (const auto& [name, tensor] : inputs) values[name] = tensor;
  NBITS_ASSIGN_OR_RETURN(FeatureMap outputs, Predict(std::move(values), profile));
  return TensorsOf(std::move(outputs));
}

int64_t Predictor::activation_bytes() const {
  return impl_->engine ? impl_->engine->activation_bytes() : impl_->stage->activation_bytes();
}

int64_t Predictor::wide_tensors() const {
  return impl_->engine ? impl_->engine->wide_tensors() : impl_->stage->wide_tensors();
}

std::vector<std::pair<std::string, MemoryReport>> Predictor::memory() const {
  std::vector<std::pair<std::string, MemoryReport>> reports;
  if (impl_->engine) {
    reports.emplace_back("", impl_->engine->memory());
  } else {
    impl_->stage->AppendMemory("", reports);
  }
  return reports;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "pipeline/states.h"

#include <utility>

#include "base/status_macros.h"

namespace nbits {
namespace {

bool IsState(const FeatureDescription& feature) { return feature.kind == FeatureKind::kState; }

Tensor Zeros(const Shape& shape) {
  size_t count = 1;
  for (const int64_t extent : shape) count *= static_cast<size_t>(extent);
  return {shape, std::vector<float>(count, 0.0f)};
}

}  // namespace

States::States(const Engine& engine) {
  for (const FeatureDescription& input : engine.inputs()) {
    if (!IsState(input)) continue;
    names_.push_back(input.name);
    values_[input.name] = Zeros(input.shape);
  }
}

std::vector<FeatureDescription> States::Without(std::vector<FeatureDescription> features) {
  std::erase_if(features, IsState);
  return features;
}

void States::AddTo(TensorMap& inputs) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, value] : values_) inputs[name] = value;
}

void States::TakeFrom(TensorMap& outputs) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& name : names_) {
    const auto found = outputs.find(name);
    if (found == outputs.end()) continue;
    values_[name] = std::move(found->second);
    outputs.erase(found);
  }
}

absl::StatusOr<TensorMap> RunWithStates(const Engine& engine, States& states, TensorMap inputs,
                                        std::vector<LayerProfile>* profile) {
  if (states.empty()) return engine.Run(inputs, profile);
  states.AddTo(inputs);
  NBITS_ASSIGN_OR_RETURN(TensorMap outputs, engine.Run(inputs, profile));
  states.TakeFrom(outputs);
  return outputs;
}

}  // namespace nbits

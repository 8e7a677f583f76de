// SPDX-License-Identifier: Apache-2.0
// Any bytes as a network: planned by plain and by fast kernels and, when it is small, run by both,
// which must not differ.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "nbits/engine.h"
#include "nbits/model.h"
#include "proto/model.pb.h"
#include "tests/support/kernel_agreement.h"

namespace {

using nbits::schema::NeuralNetwork;

// Keep one input well under a second whatever the network does.
constexpr int64_t kMostBytes = 1 << 17;  // Of tensors and workspaces.
constexpr int64_t kMostWork = 1 << 26;   // Bytes of tensors times bytes of weights.
constexpr uint64_t kMostIterations = 8;  // Of one loop.

template <typename Network>
bool IsShort(const Network& network) {
  for (const auto& layer : network.layers()) {
    if (layer.has_branch() &&
        !(IsShort(layer.branch().ifbranch()) && IsShort(layer.branch().elsebranch()))) {
      return false;
    }
    const auto& loop = layer.loop();
    if (layer.has_loop() && (loop.maxloopiterations() > kMostIterations || layer.input_size() > 0 ||
                             !loop.conditionvar().empty() || !IsShort(loop.bodynetwork()))) {
      return false;
    }
  }
  return true;
}

bool IsShort(const nbits::schema::Model& model) {
  return IsShort(model.neuralnetwork()) && IsShort(model.neuralnetworkclassifier()) &&
         IsShort(model.neuralnetworkregressor());
}

// Small numbers, halves among them, that serve as indices and extents too.
nbits::TensorMap MakeInputs(const nbits::Engine& engine) {
  nbits::TensorMap inputs;
  for (const nbits::FeatureDescription& feature : engine.inputs()) {
    int64_t count = 1;
    for (int64_t extent : feature.shape) count *= extent;
    if (count * 4 > kMostBytes) return {};
    nbits::Tensor& tensor = inputs[feature.name];
    tensor.shape = feature.shape;
    for (int64_t i = 0; i < count; ++i) {
      tensor.values.push_back(static_cast<float>(i * 7 % 17) / (inputs.size() == 1 ? 2.0f : 1.0f));
    }
  }
  return inputs;
}

// All that the layers compute becomes an output.
nbits::schema::Model WithAllOutputs(nbits::schema::Model model) {
  if (!model.has_neuralnetwork()) return model;
  for (const auto& layer : model.neuralnetwork().layers()) {
    for (const std::string& blob : layer.output()) {
      auto* feature = model.mutable_description()->add_output();
      feature->set_name(blob);
      feature->mutable_type()->mutable_multiarraytype()->set_datatype(
          nbits::schema::ArrayFeatureType::FLOAT32);
    }
  }
  return model;
}

absl::StatusOr<nbits::TensorMap> RunPlain(const nbits::Model& model,
                                          const nbits::TensorMap& inputs) {
  const auto engine = nbits::Engine::Create(model, {.threads = 1, .plain = true});
  return engine.ok() ? engine->Run(inputs) : engine.status();
}

// Fast kernels transform their inputs and add in another order: what is not finite spreads further,
// and huge numbers lose what is small.
bool IsModerate(const nbits::TensorMap& outputs) {
  constexpr float kLargest = 1e6f;
  for (const auto& [name, tensor] : outputs) {
    for (float value : tensor.values) {
      if (!(std::abs(value) <= kLargest)) return false;
    }
  }
  return true;
}

// Whether the plain kernels' results stay where they are when the inputs change by a few units in
// their last place. Where they do not (a step, an index of the largest, a difference of large
// numbers), those of other kernels may differ as well.
bool IsSteady(const nbits::schema::Model& model, const nbits::TensorMap& inputs) {
  const auto all =
      nbits::Model::FromBytes(WithAllOutputs(model).SerializeAsString(), "all outputs");
  if (!all.ok()) return false;
  const auto outputs = RunPlain(*all, inputs);
  if (!outputs.ok() || !IsModerate(*outputs)) return false;
  for (const float change : {1 + 0x1p-20f, 1 - 0x1p-20f}) {
    nbits::TensorMap changed = inputs;
    for (auto& [name, tensor] : changed) {
      for (float& value : tensor.values) value *= change;
    }
    const auto others = RunPlain(*all, changed);
    if (!others.ok() || !nbits::testing::CompareOutputs(*outputs, *others).empty()) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  nbits::schema::Model proto;
  const auto model = nbits::Model::FromBytes(bytes, "fuzz");
  if (!model.ok() || !proto.ParseFromString(bytes) || !IsShort(proto)) return 0;
  nbits::TensorMap inputs;
  if (const auto engine = nbits::Engine::Create(*model, {.threads = 1, .plain = true});
      engine.ok()) {
    inputs = MakeInputs(*engine);
    if (inputs.size() != engine->inputs().size()) return 0;
  }
  const int64_t most = std::min(kMostBytes, kMostWork / static_cast<int64_t>(size));
  const auto agreement = nbits::testing::CompareKernels(*model, inputs, most);
  if (agreement.difference.empty()) return 0;
  if (agreement.ran && IsSteady(proto, inputs) == false) return 0;
  std::fprintf(stderr, "%s\n", agreement.difference.c_str());
  std::abort();
}

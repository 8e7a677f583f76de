// SPDX-License-Identifier: Apache-2.0
// Any bytes as a network: planned, and run by all kernels when it is small.
#include <cstdint>
#include <string>

#include "nbits/engine.h"
#include "nbits/model.h"

namespace {

// Keeps one run well under a second whatever the network does.
constexpr int64_t kMaxActivationBytes = 1 << 16;

nbits::TensorMap MakeInputs(const nbits::Engine& engine) {
  nbits::TensorMap inputs;
  for (const nbits::FeatureDescription& feature : engine.inputs()) {
    int64_t count = 1;
    for (int64_t extent : feature.shape) count *= extent;
    if (count * 4 > kMaxActivationBytes) return {};
    nbits::Tensor& tensor = inputs[feature.name];
    tensor.shape = feature.shape;
    for (int64_t i = 0; i < count; ++i) tensor.values.push_back(static_cast<float>(i % 17) - 5);
  }
  return inputs;
}

void Run(const nbits::Model& model, bool plain) {
  const auto engine = nbits::Engine::Create(model, {.threads = 1, .plain = plain});
  if (!engine.ok() || engine->activation_bytes() > kMaxActivationBytes) return;
  engine->Run(MakeInputs(*engine)).IgnoreError();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto model =
      nbits::Model::FromBytes(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!model.ok()) return 0;
  Run(*model, true);
  Run(*model, false);
  return 0;
}

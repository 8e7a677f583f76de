// SPDX-License-Identifier: Apache-2.0
// Any bytes as a pipeline or a classical model, made ready and run on a few numbers. Networks are
// the engine's target.
#include <string>

#include "fuzz/fuzz.h"
#include "nbits/predictor.h"

namespace {

constexpr int64_t kMostValues = 4096;

bool HasNetwork(const nbits::ModelDescription& model) {
  bool network = model.type.starts_with("neuralNetwork");
  for (const nbits::MemberDescription& member : model.members) {
    network = network || member.type.starts_with("neuralNetwork");
  }
  return network;
}

nbits::FeatureValue ValueOf(const nbits::FeatureDescription& feature) {
  if (feature.kind == nbits::FeatureKind::kString) return std::string("a");
  if (feature.kind == nbits::FeatureKind::kInt64) return int64_t{1};
  if (feature.kind == nbits::FeatureKind::kDictionary) return nbits::Dictionary{true, {{"1", 2}}};
  if (feature.kind == nbits::FeatureKind::kDouble) return 0.5;
  nbits::Tensor tensor{feature.shape, {}};
  int64_t count = 1;
  for (const int64_t extent : feature.shape) {
    count = extent > 0 && extent <= kMostValues / count ? count * extent : 0;
    if (count == 0) return 0.5;
  }
  for (int64_t i = 0; i < count; ++i) {
    tensor.values.push_back(static_cast<float>(i * 7 % 17) / 8 - 1);
  }
  return tensor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto model = nbits::Model::FromBytes(std::string(nbits::fuzz::Text(data, size)), "fuzz");
  if (!model.ok() || HasNetwork(model->description())) return 0;
  const auto predictor = nbits::Predictor::Create(*model, {.threads = 1});
  if (!predictor.ok()) return 0;
  nbits::FeatureMap inputs;
  for (const nbits::FeatureDescription& input : predictor->inputs()) {
    inputs[input.name] = ValueOf(input);
  }
  const auto outputs = predictor->Predict(inputs);
  if (outputs.ok()) nbits::TensorsOf(*outputs);
  return 0;
}

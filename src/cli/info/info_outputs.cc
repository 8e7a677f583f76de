// SPDX-License-Identifier: Apache-2.0
#include "cli/info/info_outputs.h"

#include <algorithm>

#include "nbits/engine.h"

namespace nbits::cli {
namespace {

// Working out the shapes of more layers would take longer than a description may.
constexpr int kMostLayers = 20000;

bool LacksShape(const FeatureDescription& output) {
  return output.kind == FeatureKind::kMultiArray && output.shape.empty();
}

bool IsSmall(const ModelDescription& description) {
  int64_t layers = 0;
  for (const auto& [kind, count] : description.layer_counts) layers += count;
  return layers > 0 && layers <= kMostLayers;
}

}  // namespace

std::vector<FeatureDescription> OutputsWithShapes(const Model& model) {
  std::vector<FeatureDescription> outputs = model.description().outputs;
  if (!IsSmall(model.description()) || std::ranges::none_of(outputs, LacksShape)) return outputs;
  const auto computed = Engine::DescribeOutputs(model);
  if (!computed.ok()) return outputs;  // What cannot run has no such shapes.
  for (FeatureDescription& output : outputs) {
    const auto found = std::ranges::find(*computed, output.name, &FeatureDescription::name);
    if (LacksShape(output) && found != computed->end()) output.shape = found->shape;
  }
  return outputs;
}

}  // namespace nbits::cli

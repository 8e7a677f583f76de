// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/output.h"

#include <algorithm>

#include "graph/graph.h"

namespace nbits::graph {
namespace {

bool IsWritten(const ModelDescription& description, const BlobNames& names,
               const std::string& blob) {
  const auto& inputs = description.inputs;
  return names.writes.contains(blob) ||
         std::any_of(inputs.begin(), inputs.end(),
                     [&](const FeatureDescription& input) { return input.name == blob; });
}

// Probabilities of a classifier have a name of their own; the number of a regressor is what the
// last layer makes.
std::string BlobOf(const FeatureDescription& feature, const ModelDescription& description,
                   const NetworkView& network, const BlobNames& names) {
  const bool probabilities = feature.kind == FeatureKind::kDictionary;
  if (probabilities && !network.probability_blob.empty()) return network.probability_blob;
  if (IsWritten(description, names, feature.name)) return feature.name;
  if (!probabilities && feature.kind != FeatureKind::kDouble) return feature.name;
  if (network.layers->empty() || network.layers->rbegin()->output().empty()) return feature.name;
  return network.layers->rbegin()->output(0);
}

}  // namespace

std::vector<Output> ListOutputs(const ModelDescription& description, const NetworkView& network) {
  BlobNames names;
  names.Add(*network.layers);
  std::vector<Output> outputs;
  for (const FeatureDescription& feature : description.outputs) {
    if (feature.kind == FeatureKind::kString || feature.kind == FeatureKind::kInt64) continue;
    Output output{feature, feature.kind == FeatureKind::kDictionary,
                  BlobOf(feature, description, network, names)};
    if (feature.kind != FeatureKind::kImage) output.feature.kind = FeatureKind::kMultiArray;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Shape OutsideShape(const Output& output, const Shape& inside, bool rank5_arrays) {
  if (output.probabilities) return {Product(inside)};
  const bool image = output.feature.kind == FeatureKind::kImage;
  if (!image && !rank5_arrays) return inside;
  if (!image && !output.feature.shape.empty()) {
    const auto count = CheckedElementCount(output.feature.shape);
    if (count.ok() && *count == Product(inside)) return output.feature.shape;
  }
  const size_t leading = inside.size() > 3 ? inside.size() - 3 : 0;
  if (Product(inside, 0, leading) != 1) return inside;
  return {inside.begin() + static_cast<int64_t>(leading), inside.end()};
}

}  // namespace nbits::graph

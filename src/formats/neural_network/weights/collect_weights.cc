// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/weights/collect_weights.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/weights/layer_kinds.h"
#include "formats/neural_network/weights/size_problem.h"
#include "formats/neural_network/weights/weight_fields.h"
#include "formats/neural_network/weights/weight_values.h"

namespace nbits {
namespace {

// Collects the weights of all networks by index and makes sure that each is there once.
class WeightCollector {
 public:
  explicit WeightCollector(const WireTree& tree)
      : tree_(tree),
        weights_(tree.weights.size()),
        scales_(tree.weights.size()),
        seen_(tree.weights.size()) {}

  absl::Status AddNetwork(const NetworkEntry& network) {
    for (const auto& layer : *network.layers) {
      for (const WeightField& field : WeightFieldsOf(layer)) {
        NBITS_RETURN_IF_ERROR(AddWeight(network.path, layer, field));
      }
    }
    return absl::OkStatus();
  }

  // A layer with parameters of two kinds hides the weights of the first from every reader.
  absl::StatusOr<CollectedWeights> Finish() && {
    for (size_t i = 0; i < seen_.size(); ++i) {
      if (!seen_[i]) return absl::InvalidArgumentError("a message gives two of its alternatives");
    }
    return CollectedWeights{std::move(weights_), std::move(scales_)};
  }

 private:
  absl::Status AddWeight(const std::string& path, const schema::NeuralNetworkLayer& layer,
                         const WeightField& field) {
    if (field.index >= weights_.size() || seen_[field.index]) {
      return absl::InternalError("weights were counted wrongly");
    }
    WeightRef ref;
    ref.path = absl::StrCat(path, layer.name(), "/", field.name);
    ref.layer = layer.name();
    ref.layer_type = std::string(LayerKindName(layer.layer_case()));
    ref.field = field.name;
    ref.role = field.role;
    auto tensor = ReadWeight(*tree_.weights[field.index], field);
    if (!tensor.ok()) {
      const std::string problem = SizeProblem(layer);
      return absl::InvalidArgumentError(
          absl::StrCat("layer \"", path, layer.name(), "\" (", ref.layer_type, "), ", field.name,
                       ": ", problem.empty() ? tensor.status().message() : problem));
    }
    ref.tensor = *std::move(tensor);
    // Copies of the tensor may outlive the model.
    if (ref.tensor.owner == nullptr) ref.tensor.owner = tree_.storage;
    weights_[field.index] = std::move(ref);
    scales_[field.index] = field.scales;
    seen_[field.index] = true;
    return absl::OkStatus();
  }

  const WireTree& tree_;
  std::vector<WeightRef> weights_;
  std::vector<int64_t> scales_;
  std::vector<bool> seen_;
};

}  // namespace

absl::StatusOr<CollectedWeights> CollectWeights(const schema::Model& skeleton,
                                                const WireTree& tree) {
  WeightCollector collector(tree);
  for (const NetworkEntry& network : ListNetworks(skeleton, tree.root)) {
    NBITS_RETURN_IF_ERROR(collector.AddNetwork(network));
  }
  return std::move(collector).Finish();
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Folds all pairs of layers of a model.
#include <map>
#include <memory>
#include <set>

#include "base/status_macros.h"
#include "formats/neural_network/fold/fold.h"
#include "formats/neural_network/fold/fold_search.h"
#include "formats/neural_network/kept_layers.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/weights/weight_fields.h"
#include "nbits/fold.h"

namespace nbits {
namespace {

using Layer = schema::NeuralNetworkLayer;

// An inner product's channels are the last axis of vectors and matrices, but the second layer's
// are always the third from the end: the two are one only in tensors of rank 4 and 5.
bool ChannelsAgree(const NetworkRef& network, const Layer& first) {
  if (!first.has_innerproduct() || !network.exact_shapes) return true;
  return first.outputtensor_size() == 1 && first.outputtensor(0).rank() >= 4;
}

// The layers of a model while pairs of them are folded; the model itself changes at the end.
class PairFolder {
 public:
  PairFolder(const Model& model, const FoldPlan& plan)
      : model_(model), plan_(plan), networks_(Networks(model)), edits_(networks_.size()) {}

  // Folds the next pair; false when there is none.
  bool FoldNext() {
    const auto pair = FindFold(networks_, plan_.kind, [this](const FoldCandidate& candidate) {
      return !refused_.contains({candidate.network, candidate.first}) && Accepts(candidate);
    });
    if (!pair) return false;
    std::vector<const Layer*>& layers = networks_[pair->network].layers;
    auto folded = FoldPair(model_, *layers[pair->first], *layers[pair->second], plan_.kind);
    if (!folded) {
      refused_.insert({pair->network, pair->first});
      return true;
    }
    LayerEdits& edits = edits_[pair->network];
    auto replacement = std::make_unique<Layer>(*std::move(folded));
    layers[pair->first] = replacement.get();
    layers[pair->second] = nullptr;
    edits[pair->first] = std::move(replacement);
    edits[pair->second] = nullptr;
    ++count_;
    return true;
  }

  // Halves what is left of batch normalisation.
  void MergeBatchnorms() {
    for (size_t n = 0; n < networks_.size(); ++n) {
      for (size_t i = 0; i < networks_[n].layers.size(); ++i) {
        const Layer* layer = networks_[n].layers[i];
        if (layer == nullptr || !layer->has_batchnorm()) continue;
        if (IsKeptLayer(model_, NamesOf(*layer), plan_.skip)) continue;
        auto merged = BatchnormAsScale(model_, *layer);
        if (merged) edits_[n][i] = std::make_unique<Layer>(*std::move(merged));
      }
    }
  }

  absl::StatusOr<int> Finish(Model& model) {
    for (size_t n = 0; n < edits_.size(); ++n) {
      if (!edits_[n].empty()) NBITS_RETURN_IF_ERROR(EditLayers(model, n, std::move(edits_[n])));
    }
    return count_;
  }

 private:
  bool Accepts(const FoldCandidate& candidate) const {
    const NetworkRef& network = networks_[candidate.network];
    const Layer& first = *network.layers[candidate.first];
    const Layer& second = *network.layers[candidate.second];
    const bool is_coremltools = plan_.kind == FoldPlan::Kind::kCoremltools;
    return !IsKeptLayer(model_, NamesOf(first), plan_.skip) &&
           !IsKeptLayer(model_, NamesOf(second), plan_.skip) &&
           (is_coremltools || ChannelsAgree(network, first)) && CanFold(model_, first, second);
  }

  const Model& model_;
  const FoldPlan& plan_;
  std::vector<NetworkRef> networks_;
  std::vector<LayerEdits> edits_;                // By network.
  std::set<std::pair<size_t, size_t>> refused_;  // Network and first layer.
  int count_ = 0;
};

}  // namespace

absl::StatusOr<int> FoldLayers(Model& model, const FoldPlan& fold) {
  // Training reads tensors by name, also where no layer does.
  const bool is_updatable = model.description().updatable;
  if (fold.kind == FoldPlan::Kind::kNone || is_updatable) return 0;
  PairFolder folder(model, fold);
  while (folder.FoldNext()) {
  }
  if (fold.kind != FoldPlan::Kind::kCoremltools) folder.MergeBatchnorms();
  return folder.Finish(model);
}

}  // namespace nbits

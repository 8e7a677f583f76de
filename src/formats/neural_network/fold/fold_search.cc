// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/fold/fold_search.h"

#include <map>

namespace nbits {
namespace {

using Layer = schema::NeuralNetworkLayer;

// How often each name is read and written; readers by the index of the (last) reading layer.
struct NameUse {
  std::map<std::string, int> reads, writes;
  std::map<std::string, size_t> reader;
};

NameUse CountUse(const NetworkRef& network) {
  NameUse use;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    if (network.layers[i] == nullptr) continue;
    for (const std::string& name : network.layers[i]->input()) {
      ++use.reads[name];
      use.reader[name] = i;
    }
    for (const std::string& name : network.layers[i]->output()) ++use.writes[name];
  }
  for (const std::string& name : network.output_names) ++use.reads[name];
  return use;
}

// FoldPlan::Kind in the schema's terms.
bool CanPrecede(Layer::LayerCase first, Layer::LayerCase second, FoldPlan::Kind kind) {
  const bool is_coremltools = kind == FoldPlan::Kind::kCoremltools;
  switch (first) {
    case Layer::kConvolution:
    case Layer::kInnerProduct:
      return second == Layer::kBias || second == Layer::kScale ||
             (second == Layer::kBatchnorm && (first == Layer::kConvolution || !is_coremltools));
    case Layer::kBatchnorm:
      return second == Layer::kScale || (second == Layer::kBias && !is_coremltools);
    default:
      return false;
  }
}

int Count(const std::map<std::string, int>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

// The layer that alone reads the only result of layer `first`, where it can be folded.
std::optional<size_t> OnlyReader(const NetworkRef& network, const NameUse& use, size_t first,
                                 FoldPlan::Kind kind) {
  const Layer& layer = *network.layers[first];
  if (layer.output_size() != 1) return std::nullopt;
  const std::string& name = layer.output(0);
  if (Count(use.reads, name) != 1 || Count(use.writes, name) != 1) return std::nullopt;
  const auto reader = use.reader.find(name);
  if (reader == use.reader.end() || reader->second <= first) return std::nullopt;
  const Layer& second = *network.layers[reader->second];
  if (second.input_size() != 1 || second.output_size() != 1) return std::nullopt;
  if (!CanPrecede(layer.layer_case(), second.layer_case(), kind)) return std::nullopt;
  return reader->second;
}

}  // namespace

std::optional<FoldCandidate> FindFold(const std::vector<NetworkRef>& networks, FoldPlan::Kind kind,
                                      const std::function<bool(const FoldCandidate&)>& foldable) {
  for (size_t n = 0; n < networks.size(); ++n) {
    const std::vector<const Layer*>& layers = networks[n].layers;
    const NameUse use = CountUse(networks[n]);
    for (const auto type : {Layer::kConvolution, Layer::kInnerProduct, Layer::kBatchnorm}) {
      for (size_t first = 0; first < layers.size(); ++first) {
        if (layers[first] == nullptr || layers[first]->layer_case() != type) continue;
        const std::optional<size_t> second = OnlyReader(networks[n], use, first, kind);
        if (second && foldable({n, first, *second})) return FoldCandidate{n, first, *second};
      }
    }
  }
  return std::nullopt;
}

}  // namespace nbits

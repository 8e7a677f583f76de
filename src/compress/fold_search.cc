#include "compress/fold_search.h"

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
    for (const std::string& name : network.layers[i]->input()) {
      ++use.reads[name];
      use.reader[name] = i;
    }
    for (const std::string& name : network.layers[i]->output()) ++use.writes[name];
  }
  for (const std::string& name : network.output_names) ++use.reads[name];
  return use;
}

bool CanPrecede(Layer::LayerCase first, Layer::LayerCase second) {
  switch (first) {
    case Layer::kConvolution:
      return second == Layer::kBatchnorm || second == Layer::kScale || second == Layer::kBias;
    case Layer::kInnerProduct:
      return second == Layer::kScale || second == Layer::kBias;
    default:
      return first == Layer::kBatchnorm && second == Layer::kScale;
  }
}

int Count(const std::map<std::string, int>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

// The layer that alone reads the only result of layer `first`, where it can be folded.
std::optional<size_t> OnlyReader(const NetworkRef& network, const NameUse& use, size_t first) {
  const Layer& layer = *network.layers[first];
  if (layer.output_size() != 1) return std::nullopt;
  const std::string& name = layer.output(0);
  if (Count(use.reads, name) != 1 || Count(use.writes, name) != 1) return std::nullopt;
  const auto reader = use.reader.find(name);
  if (reader == use.reader.end() || reader->second <= first) return std::nullopt;
  const Layer& second = *network.layers[reader->second];
  if (second.input_size() != 1 || second.output_size() != 1) return std::nullopt;
  if (!CanPrecede(layer.layer_case(), second.layer_case())) return std::nullopt;
  return reader->second;
}

}  // namespace

std::optional<FoldCandidate> FindFold(
    const std::vector<NetworkRef>& networks,
    const std::function<bool(const Layer& first, const Layer& second)>& foldable) {
  for (size_t n = 0; n < networks.size(); ++n) {
    const std::vector<const Layer*>& layers = networks[n].layers;
    const NameUse use = CountUse(networks[n]);
    for (const auto kind : {Layer::kConvolution, Layer::kInnerProduct, Layer::kBatchnorm}) {
      for (size_t first = 0; first < layers.size(); ++first) {
        if (layers[first]->layer_case() != kind) continue;
        const std::optional<size_t> second = OnlyReader(networks[n], use, first);
        if (second && foldable(*layers[first], *layers[*second])) {
          return FoldCandidate{n, first, *second};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace nbits

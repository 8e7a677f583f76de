// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/layer_facts.h"

#include <set>

#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/weights/weight_fields.h"

namespace nbits {
namespace {

using schema::WeightParams;
using Layer = schema::NeuralNetworkLayer;

void Add(std::set<size_t>& indices, const WeightParams& weight) {
  if (weight.nbits_weight_index() > 0) indices.insert(weight.nbits_weight_index() - 1);
}

void AddPeepholes(std::set<size_t>& indices, const schema::LSTMWeightParams& weights) {
  Add(indices, weights.inputgatepeepholevector());
  Add(indices, weights.forgetgatepeepholevector());
  Add(indices, weights.outputgatepeepholevector());
}

template <typename Params>
void AddBias(std::set<size_t>& indices, const Params& params) {
  if (!params.hasbias()) Add(indices, params.bias());
}

void AddGruBiases(std::set<size_t>& indices, const schema::GRULayerParams& params) {
  if (params.hasbiasvectors()) return;
  Add(indices, params.updategatebiasvector());
  Add(indices, params.resetgatebiasvector());
  Add(indices, params.outputgatebiasvector());
}

void AddBidirectional(std::set<size_t>& indices,
                      const schema::BiDirectionalLSTMLayerParams& params) {
  if (params.params().haspeepholevectors()) return;
  for (const schema::LSTMWeightParams& weights : params.weightparams()) {
    AddPeepholes(indices, weights);
  }
}

void AddUnused(std::set<size_t>& indices, const Layer& layer) {
  switch (layer.layer_case()) {
    case Layer::kConvolution:
      return AddBias(indices, layer.convolution());
    case Layer::kInnerProduct:
      return AddBias(indices, layer.innerproduct());
    case Layer::kBatchedMatmul:
      return AddBias(indices, layer.batchedmatmul());
    case Layer::kEmbedding:
      return AddBias(indices, layer.embedding());
    case Layer::kEmbeddingND:
      return AddBias(indices, layer.embeddingnd());
    case Layer::kScale:
      return AddBias(indices, layer.scale());
    case Layer::kGru:
      return AddGruBiases(indices, layer.gru());
    case Layer::kSimpleRecurrent:
      if (!layer.simplerecurrent().hasbiasvector())
        Add(indices, layer.simplerecurrent().biasvector());
      return;
    case Layer::kUniDirectionalLSTM:
      if (!layer.unidirectionallstm().params().haspeepholevectors()) {
        AddPeepholes(indices, layer.unidirectionallstm().weightparams());
      }
      return;
    case Layer::kBiDirectionalLSTM:
      return AddBidirectional(indices, layer.bidirectionallstm());
    default:
      return;
  }
}

// Takes in one of the layer's weights.
void Widen(const PackedTensor& tensor, LayerFacts& facts) {
  const int64_t elements = ElementCount(tensor.shape).value_or(0);
  if (elements < facts.elements) return;
  facts.elements = elements;
  facts.outputs = facts.inputs = 0;
  if (tensor.shape.size() < 2) return;
  const size_t axis = tensor.channel_axis == 1 ? 1 : 0;
  facts.outputs = tensor.shape[axis];
  facts.inputs = tensor.shape[1 - axis];
}

void AddFacts(const Model& model, const NetworkEntry& network, const Layer& layer, size_t number,
              std::vector<LayerFacts>& all) {
  const std::vector<WeightField> fields = WeightFieldsOf(layer);
  LayerFacts facts;
  facts.layer = number;
  facts.is_in_updatable = network.model->isupdatable() || model.impl().skeleton.isupdatable();
  facts.updatable = layer.isupdatable() && network.model->isupdatable();
  for (const WeightField& field : fields) {
    facts.has_kernel = facts.has_kernel || field.role == WeightRole::kKernel;
    Widen(model.weights()[field.index].tensor, facts);
  }
  facts.depthwise = layer.has_convolution() && layer.convolution().kernelchannels() == 1 &&
                    layer.convolution().ngroups() > 1;
  std::set<size_t> unused;
  AddUnused(unused, layer);
  for (const WeightField& field : fields) {
    all[field.index] = facts;
    all[field.index].unused = unused.contains(field.index);
    all[field.index].unchecked = !field.used;
  }
}

}  // namespace

std::vector<LayerFacts> FactsOfWeights(const Model& model) {
  std::vector<LayerFacts> facts(model.weights().size());
  size_t number = 0;
  for (const NetworkEntry& network : ListNetworks(model.impl().skeleton, model.impl().tree->root)) {
    for (const Layer& layer : *network.layers) AddFacts(model, network, layer, ++number, facts);
  }
  return facts;
}

}  // namespace nbits

#include "compress/selection.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coreml/layer_edit.h"

namespace nbits {
namespace {

using schema::WeightParams;
using Layer = schema::NeuralNetworkLayer;

constexpr std::array<absl::string_view, 14> kSelectedTypes = {
    "convolution",       "innerProduct",    "embedding", "embeddingND",
    "batchnorm",         "scale",           "bias",      "loadConstant",
    "loadConstantND",    "simpleRecurrent", "gru",       "uniDirectionalLSTM",
    "biDirectionalLSTM", "batchedMatmul"};

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

}  // namespace

std::set<size_t> UnusedWeights(const Model& model) {
  std::set<size_t> indices;
  for (const NetworkRef& network : Networks(model)) {
    for (const Layer* layer : network.layers) AddUnused(indices, *layer);
  }
  return indices;
}

std::string LayerReason(const WeightRef& weight) {
  const bool known = std::find(kSelectedTypes.begin(), kSelectedTypes.end(), weight.layer_type) !=
                     kSelectedTypes.end();
  if (!known) return absl::StrCat("layers of type ", weight.layer_type, " are not quantized");
  // The parameters of a recurrent layer's activations; its peephole vectors count as weights.
  if (weight.role == WeightRole::kOther && !absl::StrContains(weight.field, "eephole")) {
    return "activation parameters are not quantized";
  }
  return "";
}

std::string SchemeReason(const WeightRef& weight) {
  const PackedTensor& tensor = weight.tensor;
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      return "";
    case Scheme::kFloat16:
      return "Float16 already";
    case Scheme::kSignedLinear:
      return "8-bit integers for dynamic quantization";
    case Scheme::kLinear:
      return absl::StrCat(tensor.bits, "-bit linear already");
    case Scheme::kLookupTable:
      return absl::StrCat(tensor.bits, "-bit table already");
  }
  return "unknown storage";
}

}  // namespace nbits

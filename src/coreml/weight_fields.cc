// SPDX-License-Identifier: Apache-2.0
#include "coreml/weight_fields.h"

#include <limits>

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

using schema::WeightParams;
using enum WeightRole;

int64_t Extent(uint64_t value) {
  return value > std::numeric_limits<int64_t>::max() ? -1 : static_cast<int64_t>(value);
}

// 0 groups means the default, 1.
int64_t Divide(int64_t channels, uint64_t groups) {
  const int64_t divisor = groups == 0 ? 1 : Extent(groups);
  return divisor < 0 || channels < 0 || channels % divisor != 0 ? -1 : channels / divisor;
}

template <typename Extents>
int64_t Product(const Extents& extents) {
  int64_t product = 1;
  for (const auto extent : extents) {
    if (extent < 0 || __builtin_mul_overflow(product, extent, &product)) return -1;
  }
  return product;
}

class FieldList {
 public:
  void Add(std::string name, const WeightParams& params, WeightRole role,
           std::optional<Shape> shape, int channel_axis = 0) {
    if (params.nbits_weight_index() == 0) return;
    fields.push_back(
        {std::move(name), params.nbits_weight_index() - 1, role, std::move(shape), channel_axis});
  }
  std::vector<WeightField> fields;
};

void AddConvolution(const schema::ConvolutionLayerParams& params, FieldList& list) {
  const bool given = params.kernelsize_size() == 2;
  const bool absent = params.kernelsize_size() == 0;  // 3 x 3 by the specification.
  const int64_t height = given ? Extent(params.kernelsize(0)) : absent ? 3 : -1;
  const int64_t width = given ? Extent(params.kernelsize(1)) : absent ? 3 : -1;
  const int64_t out = Extent(params.outputchannels());
  const int64_t kernel_channels = Extent(params.kernelchannels());
  if (params.isdeconvolution()) {
    const Shape shape = {kernel_channels, Divide(out, params.ngroups()), height, width};
    list.Add("weights", params.weights(), kKernel, shape, 1);
  } else {
    list.Add("weights", params.weights(), kKernel, Shape{out, kernel_channels, height, width});
  }
  list.Add("bias", params.bias(), kBias, Shape{out});
}

void AddConvolution3d(const schema::Convolution3DLayerParams& params, FieldList& list) {
  const int64_t in = params.inputchannels();
  const int64_t out = params.outputchannels();
  const uint64_t groups = params.ngroups() < 0 ? ~uint64_t{0} : params.ngroups();
  Shape shape = {out, Divide(in, groups)};
  if (params.isdeconvolution()) shape = {in, Divide(out, groups)};
  shape.insert(shape.end(), {params.kerneldepth(), params.kernelheight(), params.kernelwidth()});
  list.Add("weights", params.weights(), kKernel, shape, params.isdeconvolution() ? 1 : 0);
  list.Add("bias", params.bias(), kBias, Shape{out});
}

template <typename Params>
void AddMatrix(const Params& params, uint64_t rows, uint64_t columns, FieldList& list) {
  list.Add("weights", params.weights(), kKernel, Shape{Extent(rows), Extent(columns)});
  list.Add("bias", params.bias(), kBias, Shape{Extent(rows)});
}

void AddBatchnorm(const schema::BatchnormLayerParams& params, FieldList& list) {
  const Shape shape = {Extent(params.channels())};
  list.Add("gamma", params.gamma(), kNormalize, shape);
  list.Add("beta", params.beta(), kNormalize, shape);
  list.Add("mean", params.mean(), kNormalize, shape);
  list.Add("variance", params.variance(), kNormalize, shape);
}

void AddScale(const schema::ScaleLayerParams& params, FieldList& list) {
  list.Add("scale", params.scale(), kNormalize, Shape{Product(params.shapescale())});
  list.Add("bias", params.bias(), kNormalize, Shape{Product(params.shapebias())});
}

void AddLayerNormalization(const schema::LayerNormalizationLayerParams& params, FieldList& list) {
  const Shape shape(params.normalizedshape().begin(), params.normalizedshape().end());
  list.Add("gamma", params.gamma(), kNormalize, shape);
  list.Add("beta", params.beta(), kNormalize, shape);
}

void AddActivation(const schema::ActivationParams& params, const std::string& prefix,
                   FieldList& list) {
  list.Add(prefix + "alpha", params.prelu().alpha(), kOther, std::nullopt);
  list.Add(prefix + "alpha", params.parametricsoftplus().alpha(), kOther, std::nullopt);
  list.Add(prefix + "beta", params.parametricsoftplus().beta(), kOther, std::nullopt);
}

template <typename Activations>
void AddActivations(const Activations& activations, absl::string_view name, FieldList& list) {
  for (int i = 0; i < activations.size(); ++i) {
    AddActivation(activations.Get(i), absl::StrCat(name, "[", i, "]."), list);
  }
}

// Adds the weights of recurrent layers, whose sizes are two numbers.
class RecurrentFields {
 public:
  RecurrentFields(uint64_t in, uint64_t out, std::string prefix, FieldList& list)
      : in_(Extent(in)), out_(Extent(out)), prefix_(std::move(prefix)), list_(list) {}
  void Weight(const char* name, const WeightParams& params) {
    list_.Add(prefix_ + name, params, kKernel, Shape{out_, in_});
  }
  void Recursion(const char* name, const WeightParams& params) {
    list_.Add(prefix_ + name, params, kKernel, Shape{out_, out_});
  }
  void Vector(const char* name, const WeightParams& params, WeightRole role) {
    list_.Add(prefix_ + name, params, role, Shape{out_});
  }

 private:
  int64_t in_, out_;
  std::string prefix_;
  FieldList& list_;
};

void AddSimpleRecurrent(const schema::SimpleRecurrentLayerParams& params, FieldList& list) {
  AddActivation(params.activation(), "activation.", list);
  RecurrentFields fields(params.inputvectorsize(), params.outputvectorsize(), "", list);
  fields.Weight("weightMatrix", params.weightmatrix());
  fields.Recursion("recursionMatrix", params.recursionmatrix());
  fields.Vector("biasVector", params.biasvector(), kBias);
}

void AddGru(const schema::GRULayerParams& params, FieldList& list) {
  AddActivations(params.activations(), "activations", list);
  RecurrentFields fields(params.inputvectorsize(), params.outputvectorsize(), "", list);
  fields.Weight("updateGateWeightMatrix", params.updategateweightmatrix());
  fields.Weight("resetGateWeightMatrix", params.resetgateweightmatrix());
  fields.Weight("outputGateWeightMatrix", params.outputgateweightmatrix());
  fields.Recursion("updateGateRecursionMatrix", params.updategaterecursionmatrix());
  fields.Recursion("resetGateRecursionMatrix", params.resetgaterecursionmatrix());
  fields.Recursion("outputGateRecursionMatrix", params.outputgaterecursionmatrix());
  fields.Vector("updateGateBiasVector", params.updategatebiasvector(), kBias);
  fields.Vector("resetGateBiasVector", params.resetgatebiasvector(), kBias);
  fields.Vector("outputGateBiasVector", params.outputgatebiasvector(), kBias);
}

void AddLstmWeights(const schema::LSTMWeightParams& params, RecurrentFields fields) {
  fields.Weight("inputGateWeightMatrix", params.inputgateweightmatrix());
  fields.Weight("forgetGateWeightMatrix", params.forgetgateweightmatrix());
  fields.Weight("blockInputWeightMatrix", params.blockinputweightmatrix());
  fields.Weight("outputGateWeightMatrix", params.outputgateweightmatrix());
  fields.Recursion("inputGateRecursionMatrix", params.inputgaterecursionmatrix());
  fields.Recursion("forgetGateRecursionMatrix", params.forgetgaterecursionmatrix());
  fields.Recursion("blockInputRecursionMatrix", params.blockinputrecursionmatrix());
  fields.Recursion("outputGateRecursionMatrix", params.outputgaterecursionmatrix());
  fields.Vector("inputGateBiasVector", params.inputgatebiasvector(), kBias);
  fields.Vector("forgetGateBiasVector", params.forgetgatebiasvector(), kBias);
  fields.Vector("blockInputBiasVector", params.blockinputbiasvector(), kBias);
  fields.Vector("outputGateBiasVector", params.outputgatebiasvector(), kBias);
  fields.Vector("inputGatePeepholeVector", params.inputgatepeepholevector(), kOther);
  fields.Vector("forgetGatePeepholeVector", params.forgetgatepeepholevector(), kOther);
  fields.Vector("outputGatePeepholeVector", params.outputgatepeepholevector(), kOther);
}

void AddUniDirectionalLstm(const schema::UniDirectionalLSTMLayerParams& params, FieldList& list) {
  AddActivations(params.activations(), "activations", list);
  AddLstmWeights(params.weightparams(),
                 RecurrentFields(params.inputvectorsize(), params.outputvectorsize(), "", list));
}

void AddBiDirectionalLstm(const schema::BiDirectionalLSTMLayerParams& params, FieldList& list) {
  AddActivations(params.activationsforwardlstm(), "activationsForwardLSTM", list);
  AddActivations(params.activationsbackwardlstm(), "activationsBackwardLSTM", list);
  for (int i = 0; i < params.weightparams_size(); ++i) {
    const std::string prefix = i == 0   ? "forward."
                               : i == 1 ? "backward."
                                        : absl::StrCat("weightParams[", i, "].");
    AddLstmWeights(
        params.weightparams(i),
        RecurrentFields(params.inputvectorsize(), params.outputvectorsize(), prefix, list));
  }
}

void AddCustom(const schema::CustomLayerParams& params, FieldList& list) {
  for (int i = 0; i < params.weights_size(); ++i) {
    list.Add(absl::StrCat("weights[", i, "]"), params.weights(i), kOther, std::nullopt);
  }
}

template <typename Params>
void AddConstant(const Params& params, FieldList& list) {
  list.Add("data", params.data(), kConstant, Shape{Product(params.shape())});
}

void AddInnerProduct(const schema::InnerProductLayerParams& params, FieldList& list) {
  AddMatrix(params, params.outputchannels(), params.inputchannels(), list);
}

void AddEmbedding(const schema::EmbeddingLayerParams& params, FieldList& list) {
  AddMatrix(params, params.outputchannels(), params.inputdim(), list);
}

void AddEmbeddingNd(const schema::EmbeddingNDLayerParams& params, FieldList& list) {
  AddMatrix(params, params.embeddingsize(), params.vocabsize(), list);
}

void AddBatchedMatmul(const schema::BatchedMatMulLayerParams& params, FieldList& list) {
  AddMatrix(params, params.weightmatrixseconddimension(), params.weightmatrixfirstdimension(),
            list);
}

void AddBias(const schema::BiasLayerParams& params, FieldList& list) {
  list.Add("bias", params.bias(), kBias, Shape{Product(params.shape())});
}

}  // namespace

std::vector<WeightField> WeightFieldsOf(const schema::NeuralNetworkLayer& layer) {
  using Layer = schema::NeuralNetworkLayer;
  FieldList list;
  switch (layer.layer_case()) {
    case Layer::kConvolution:
      AddConvolution(layer.convolution(), list);
      break;
    case Layer::kConvolution3D:
      AddConvolution3d(layer.convolution3d(), list);
      break;
    case Layer::kActivation:
      AddActivation(layer.activation(), "", list);
      break;
    case Layer::kInnerProduct:
      AddInnerProduct(layer.innerproduct(), list);
      break;
    case Layer::kEmbedding:
      AddEmbedding(layer.embedding(), list);
      break;
    case Layer::kEmbeddingND:
      AddEmbeddingNd(layer.embeddingnd(), list);
      break;
    case Layer::kBatchedMatmul:
      AddBatchedMatmul(layer.batchedmatmul(), list);
      break;
    case Layer::kBatchnorm:
      AddBatchnorm(layer.batchnorm(), list);
      break;
    case Layer::kScale:
      AddScale(layer.scale(), list);
      break;
    case Layer::kBias:
      AddBias(layer.bias(), list);
      break;
    case Layer::kLoadConstant:
      AddConstant(layer.loadconstant(), list);
      break;
    case Layer::kLoadConstantND:
      AddConstant(layer.loadconstantnd(), list);
      break;
    case Layer::kSimpleRecurrent:
      AddSimpleRecurrent(layer.simplerecurrent(), list);
      break;
    case Layer::kGru:
      AddGru(layer.gru(), list);
      break;
    case Layer::kUniDirectionalLSTM:
      AddUniDirectionalLstm(layer.unidirectionallstm(), list);
      break;
    case Layer::kBiDirectionalLSTM:
      AddBiDirectionalLstm(layer.bidirectionallstm(), list);
      break;
    case Layer::kCustom:
      AddCustom(layer.custom(), list);
      break;
    case Layer::kLayerNormalization:
      AddLayerNormalization(layer.layernormalization(), list);
      break;
    default:
      break;
  }
  return std::move(list.fields);
}

}  // namespace nbits

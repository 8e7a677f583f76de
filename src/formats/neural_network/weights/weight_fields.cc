// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/weights/weight_fields.h"

#include "absl/strings/str_cat.h"
#include "formats/neural_network/weights/field_list.h"

namespace nbits {
namespace {

using schema::WeightParams;
using enum WeightRole;

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

// Scale, bias and constant layers of shape [C, H, W] may have C scales.
template <typename Extents>
int64_t ScalesOf(const Extents& shape) {
  return shape.size() == 3 && shape[0] > 1 ? Extent(static_cast<uint64_t>(shape[0])) : 1;
}

void AddConvolution(const schema::ConvolutionLayerParams& params, FieldList& list) {
  const bool given = params.kernelsize_size() == 2;
  const bool absent = params.kernelsize_size() == 0;  // 3 x 3 by the specification.
  const int64_t height = given ? Extent(params.kernelsize(0)) : absent ? 3 : -1;
  const int64_t width = given ? Extent(params.kernelsize(1)) : absent ? 3 : -1;
  const int64_t out = Extent(params.outputchannels());
  const int64_t kernel_channels = Extent(params.kernelchannels());
  if (params.isdeconvolution()) {
    const Shape shape = {kernel_channels, Divide(out, params.ngroups()), height, width};
    list.Add("weights", params.weights(), kKernel, shape, 1).scales = out;
  } else {
    const Shape shape = {out, kernel_channels, height, width};
    list.Add("weights", params.weights(), kKernel, shape).scales = out;
  }
  list.Add("bias", params.bias(), kBias, Shape{out}).used = params.hasbias();
}

void AddConvolution3d(const schema::Convolution3DLayerParams& params, FieldList& list) {
  const int64_t in = params.inputchannels();
  const int64_t out = params.outputchannels();
  const uint64_t groups = params.ngroups() < 0 ? ~uint64_t{0} : params.ngroups();
  Shape shape = {out, Divide(in, groups)};
  if (params.isdeconvolution()) shape = {in, Divide(out, groups)};
  shape.insert(shape.end(), {params.kerneldepth(), params.kernelheight(), params.kernelwidth()});
  list.Add("weights", params.weights(), kKernel, shape, params.isdeconvolution() ? 1 : 0).scales =
      out;
  list.Add("bias", params.bias(), kBias, Shape{out}).used = params.hasbias();
}

template <typename Params>
void AddMatrix(const Params& params, uint64_t rows, uint64_t columns, FieldList& list) {
  const Shape shape = {Extent(rows), Extent(columns)};
  list.Add("weights", params.weights(), kKernel, shape).scales = shape[0];
  list.Add("bias", params.bias(), kBias, Shape{Extent(rows)}).used = params.hasbias();
}

void AddBatchnorm(const schema::BatchnormLayerParams& params, FieldList& list) {
  const Shape shape = {Extent(params.channels())};
  list.Add("gamma", params.gamma(), kNormalize, shape);
  list.Add("beta", params.beta(), kNormalize, shape);
  // Values that are there have to fit the others even where they are computed.
  const bool computed = params.computemeanvar();
  list.Add("mean", params.mean(), kNormalize, shape).used =
      !computed || params.mean().nbits_weight_index() > 0;
  list.Add("variance", params.variance(), kNormalize, shape).used =
      !computed || params.variance().nbits_weight_index() > 0;
}

void AddScale(const schema::ScaleLayerParams& params, FieldList& list) {
  list.Add("scale", params.scale(), kNormalize, Shape{Product(params.shapescale())}).scales =
      ScalesOf(params.shapescale());
  WeightField& bias =
      list.Add("bias", params.bias(), kNormalize, Shape{Product(params.shapebias())});
  bias.scales = ScalesOf(params.shapebias());
  bias.used = params.hasbias();
}

void AddLayerNormalization(const schema::LayerNormalizationLayerParams& params, FieldList& list) {
  const Shape shape(params.normalizedshape().begin(), params.normalizedshape().end());
  list.Add("gamma", params.gamma(), kNormalize, shape);
  list.Add("beta", params.beta(), kNormalize, shape);
}

void AddCustom(const schema::CustomLayerParams& params, FieldList& list) {
  for (int i = 0; i < params.weights_size(); ++i) {
    list.Add(absl::StrCat("weights[", i, "]"), params.weights(i), kOther, std::nullopt);
  }
}

void AddConstantNd(const schema::LoadConstantNDLayerParams& params, FieldList& list) {
  list.Add("data", params.data(), kConstant, Shape{Product(params.shape())});
}

void AddLoadConstant(const schema::LoadConstantLayerParams& params, FieldList& list) {
  list.Add("data", params.data(), kConstant, Shape{Product(params.shape())}).scales =
      ScalesOf(params.shape());
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
  list.Add("bias", params.bias(), kBias, Shape{Product(params.shape())}).scales =
      ScalesOf(params.shape());
}

void AddFields(const schema::NeuralNetworkLayer& layer, FieldList& list) {
  using Layer = schema::NeuralNetworkLayer;
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
      AddLoadConstant(layer.loadconstant(), list);
      break;
    case Layer::kLoadConstantND:
      AddConstantNd(layer.loadconstantnd(), list);
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
}

}  // namespace

void AddActivation(const schema::ActivationParams& params, const std::string& prefix,
                   FieldList& list) {
  list.Add(prefix + "alpha", params.prelu().alpha(), kOther, std::nullopt);
  list.Add(prefix + "alpha", params.parametricsoftplus().alpha(), kOther, std::nullopt);
  list.Add(prefix + "beta", params.parametricsoftplus().beta(), kOther, std::nullopt);
}

std::vector<WeightField> WeightFieldsOf(const schema::NeuralNetworkLayer& layer) {
  FieldList list(false);
  AddFields(layer, list);
  return std::move(list.fields);
}

std::vector<WeightField> AllWeightFieldsOf(const schema::NeuralNetworkLayer& layer) {
  FieldList list(true);
  AddFields(layer, list);
  return std::move(list.fields);
}

LayerWeights NamesOf(const schema::NeuralNetworkLayer& layer) {
  LayerWeights names{.layer = layer.name(), .indices = {}, .kernel = std::nullopt};
  for (const WeightField& field : WeightFieldsOf(layer)) {
    names.indices.push_back(field.index);
    if (field.name == "weights") names.kernel = field.index;
  }
  return names;
}

bool IsDynamicInt8(const schema::NeuralNetworkLayer& layer) {
  return (layer.has_innerproduct() && layer.innerproduct().int8dynamicquantize()) ||
         (layer.has_batchedmatmul() && layer.batchedmatmul().int8dynamicquantize());
}

}  // namespace nbits

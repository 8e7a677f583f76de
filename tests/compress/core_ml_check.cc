// SPDX-License-Identifier: Apache-2.0
#include "tests/compress/core_ml_check.h"

#include <initializer_list>
#include <numeric>

namespace nbits {
namespace {

using schema::WeightParams;
using Layer = schema::NeuralNetworkLayer;

enum class Type { kEmpty, kFloat32, kFloat16, kUnsigned, kSigned, kSeveral };

Type TypeOf(const WeightParams& weight) {
  const bool full = weight.floatvalue_size() > 0, half = !weight.float16value().empty();
  const bool raw = !weight.rawvalue().empty(), int8 = !weight.int8rawvalue().empty();
  const int filled = full + half + raw + int8;
  if (filled > 1) return Type::kSeveral;
  if (full) return Type::kFloat32;
  if (half) return Type::kFloat16;
  if (raw && weight.has_quantization()) return Type::kUnsigned;
  return int8 && weight.has_quantization() ? Type::kSigned : Type::kEmpty;
}

uint64_t Product(std::initializer_list<uint64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), uint64_t{1}, std::multiplies<>());
}

template <typename Extents>
uint64_t ProductOf(const Extents& extents) {
  uint64_t product = 1;
  for (const auto extent : extents) product *= static_cast<uint64_t>(extent);
  return product;
}

bool HasValidGrid(const schema::QuantizationParams& params, uint64_t channels) {
  const uint64_t bits = params.numberofbits();
  if (bits < 1 || bits > 8) return false;
  if (params.has_linearquantization()) {
    const auto scales = static_cast<uint64_t>(params.linearquantization().scale_size());
    const auto biases = static_cast<uint64_t>(params.linearquantization().bias_size());
    return (scales == 1 || scales == channels) && (biases == 0 || biases == scales);
  }
  return params.has_lookuptablequantization() &&
         params.lookuptablequantization().floatvalue_size() == 1 << bits;
}

// A weight of `units` values whose grid may have `channels` scales.
bool IsWhole(const WeightParams& weight, uint64_t units, uint64_t channels) {
  switch (TypeOf(weight)) {
    case Type::kFloat32:
      return static_cast<uint64_t>(weight.floatvalue_size()) == units;
    case Type::kFloat16:
      return weight.float16value().size() / 2 == units;
    case Type::kUnsigned:
      return weight.rawvalue().size() >= (units * weight.quantization().numberofbits() + 7) / 8 &&
             HasValidGrid(weight.quantization(), channels);
    default:
      return false;
  }
}

bool AreMixed(const std::vector<const WeightParams*>& weights) {
  bool full = false, half = false;
  for (const WeightParams* weight : weights) {
    full |= TypeOf(*weight) == Type::kFloat32;
    half |= TypeOf(*weight) == Type::kFloat16;
  }
  return full && half;
}

uint64_t KernelExtent(const schema::ConvolutionLayerParams& params, int axis) {
  return params.kernelsize_size() > axis ? params.kernelsize(axis) : 3;
}

bool TakesConvolution(const Layer& layer) {
  const schema::ConvolutionLayerParams& params = layer.convolution();
  if (layer.input_size() > 1) return true;
  const uint64_t groups = params.ngroups() == 0 ? 1 : params.ngroups();
  const uint64_t out = params.outputchannels();
  const uint64_t units =
      Product({params.isdeconvolution() ? out / groups : out, params.kernelchannels(),
               KernelExtent(params, 0), KernelExtent(params, 1)});
  if (!IsWhole(params.weights(), units, out)) return false;
  if (!params.hasbias()) return true;
  return !AreMixed({&params.weights(), &params.bias()}) && IsWhole(params.bias(), out, 1);
}

bool TakesConvolution3d(const schema::Convolution3DLayerParams& params) {
  const auto in = static_cast<uint64_t>(params.inputchannels());
  const auto out = static_cast<uint64_t>(params.outputchannels());
  const auto groups = static_cast<uint64_t>(params.ngroups());
  const uint64_t pairs = params.isdeconvolution() ? out / groups * in : in / groups * out;
  const uint64_t units = Product({pairs, static_cast<uint64_t>(params.kerneldepth()),
                                  static_cast<uint64_t>(params.kernelheight()),
                                  static_cast<uint64_t>(params.kernelwidth())});
  if (TypeOf(params.weights()) == Type::kUnsigned || !IsWhole(params.weights(), units, out)) {
    return false;
  }
  if (!params.hasbias()) return true;
  return !AreMixed({&params.weights(), &params.bias()}) &&
         TypeOf(params.bias()) != Type::kUnsigned && IsWhole(params.bias(), out, 1);
}

bool IsDynamicWeight(const WeightParams& weight) {
  const schema::QuantizationParams& params = weight.quantization();
  return TypeOf(weight) == Type::kSigned && params.numberofbits() == 8 &&
         params.linearquantization().scale_size() == 1 &&
         params.linearquantization().bias_size() == 0;
}

// Inner products and batched products; weights of these types may also be signed or absent.
template <typename Params>
bool TakesProduct(const Params& params, uint64_t in, uint64_t out) {
  if (params.int8dynamicquantize() && !IsDynamicWeight(params.weights())) return false;
  const auto fits = [](const WeightParams& weight, uint64_t units, uint64_t channels) {
    const Type type = TypeOf(weight);
    return type == Type::kSigned || type == Type::kEmpty || IsWhole(weight, units, channels);
  };
  if (!fits(params.weights(), in * out, out)) return false;
  if (!params.hasbias()) return true;
  return !AreMixed({&params.weights(), &params.bias()}) && fits(params.bias(), out, 1);
}

template <typename Params>
bool TakesEmbedding(const Params& params, uint64_t in, uint64_t out) {
  if (!IsWhole(params.weights(), in * out, out)) return false;
  if (!params.hasbias()) return true;
  return !AreMixed({&params.weights(), &params.bias()}) && IsWhole(params.bias(), out, 1);
}

bool TakesBatchnorm(const schema::BatchnormLayerParams& params) {
  const uint64_t channels = params.channels();
  if (AreMixed({&params.gamma(), &params.beta(), &params.mean(), &params.variance()})) return false;
  if (!IsWhole(params.gamma(), channels, 1) || !IsWhole(params.beta(), channels, 1)) return false;
  return params.computemeanvar() ||
         (IsWhole(params.mean(), channels, 1) && IsWhole(params.variance(), channels, 1));
}

template <typename Extents>
bool TakesShaped(const WeightParams& weight, const Extents& shape) {
  const uint64_t channels = shape.size() == 3 && shape.Get(0) > 1 ? shape.Get(0) : 1;
  return IsWhole(weight, ProductOf(shape), channels);
}

bool TakesScale(const schema::ScaleLayerParams& params) {
  if (!TakesShaped(params.scale(), params.shapescale())) return false;
  if (!params.hasbias()) return true;
  return !AreMixed({&params.scale(), &params.bias()}) &&
         TakesShaped(params.bias(), params.shapebias());
}

bool TakesSimpleRecurrent(const schema::SimpleRecurrentLayerParams& params) {
  const uint64_t in = params.inputvectorsize(), out = params.outputvectorsize();
  const bool quantized = TypeOf(params.weightmatrix()) == Type::kUnsigned ||
                         TypeOf(params.recursionmatrix()) == Type::kUnsigned;
  std::vector<const WeightParams*> used = {&params.weightmatrix(), &params.recursionmatrix()};
  if (params.hasbiasvector()) used.push_back(&params.biasvector());
  if (!quantized && AreMixed(used)) return false;
  return IsWhole(params.weightmatrix(), in * out, out) &&
         IsWhole(params.recursionmatrix(), out * out, out) &&
         (!params.hasbiasvector() || IsWhole(params.biasvector(), out, 1));
}

// Matrices of inputs, matrices of states and vectors of one recurrent layer.
bool TakesGates(uint64_t in, uint64_t out, const std::vector<const WeightParams*>& weights,
                const std::vector<const WeightParams*>& recursions,
                const std::vector<const WeightParams*>& vectors, bool mixing_is_checked) {
  std::vector<const WeightParams*> all = weights;
  all.insert(all.end(), recursions.begin(), recursions.end());
  all.insert(all.end(), vectors.begin(), vectors.end());
  if (mixing_is_checked && AreMixed(all)) return false;
  for (const WeightParams* weight : weights) {
    if (!IsWhole(*weight, in * out, out)) return false;
  }
  for (const WeightParams* weight : recursions) {
    if (!IsWhole(*weight, out * out, out)) return false;
  }
  for (const WeightParams* weight : vectors) {
    if (!IsWhole(*weight, out, 1)) return false;
  }
  return true;
}

bool TakesGru(const schema::GRULayerParams& params) {
  std::vector<const WeightParams*> vectors;
  if (params.hasbiasvectors()) {
    vectors = {&params.updategatebiasvector(), &params.resetgatebiasvector(),
               &params.outputgatebiasvector()};
  }
  return TakesGates(params.inputvectorsize(), params.outputvectorsize(),
                    {&params.updategateweightmatrix(), &params.resetgateweightmatrix(),
                     &params.outputgateweightmatrix()},
                    {&params.updategaterecursionmatrix(), &params.resetgaterecursionmatrix(),
                     &params.outputgaterecursionmatrix()},
                    vectors, true);
}

bool TakesLstm(uint64_t in, uint64_t out, const schema::LSTMParams& flags,
               const schema::LSTMWeightParams& params, bool mixing_is_checked) {
  std::vector<const WeightParams*> vectors;
  if (flags.hasbiasvectors()) {
    vectors = {&params.inputgatebiasvector(), &params.forgetgatebiasvector(),
               &params.blockinputbiasvector(), &params.outputgatebiasvector()};
  }
  if (flags.haspeepholevectors()) {
    vectors.insert(vectors.end(),
                   {&params.inputgatepeepholevector(), &params.forgetgatepeepholevector(),
                    &params.outputgatepeepholevector()});
  }
  return TakesGates(in, out,
                    {&params.inputgateweightmatrix(), &params.forgetgateweightmatrix(),
                     &params.blockinputweightmatrix(), &params.outputgateweightmatrix()},
                    {&params.inputgaterecursionmatrix(), &params.forgetgaterecursionmatrix(),
                     &params.blockinputrecursionmatrix(), &params.outputgaterecursionmatrix()},
                    vectors, mixing_is_checked);
}

// The validator looks for mixed precisions in another layer's parameters here.
bool TakesBidirectional(const schema::BiDirectionalLSTMLayerParams& params) {
  for (const schema::LSTMWeightParams& weights : params.weightparams()) {
    if (!TakesLstm(params.inputvectorsize(), params.outputvectorsize(), params.params(), weights,
                   false)) {
      return false;
    }
  }
  return true;
}

bool TakesActivation(const schema::ActivationParams& params) {
  if (params.has_prelu()) return TypeOf(params.prelu().alpha()) != Type::kSeveral;
  if (!params.has_parametricsoftplus()) return true;
  const Type alpha = TypeOf(params.parametricsoftplus().alpha());
  return alpha != Type::kSeveral && alpha == TypeOf(params.parametricsoftplus().beta());
}

bool TakesLayerNormalization(const schema::LayerNormalizationLayerParams& params) {
  const auto count = static_cast<int>(ProductOf(params.normalizedshape()));
  return !params.gamma().has_quantization() && params.gamma().floatvalue_size() == count &&
         params.beta().floatvalue_size() == count;
}

bool Takes(const Layer& layer) {
  switch (layer.layer_case()) {
    case Layer::kConvolution:
      return TakesConvolution(layer);
    case Layer::kConvolution3D:
      return TakesConvolution3d(layer.convolution3d());
    case Layer::kInnerProduct:
      return TakesProduct(layer.innerproduct(), layer.innerproduct().inputchannels(),
                          layer.innerproduct().outputchannels());
    case Layer::kBatchedMatmul:
      return TakesProduct(layer.batchedmatmul(), layer.batchedmatmul().weightmatrixfirstdimension(),
                          layer.batchedmatmul().weightmatrixseconddimension());
    case Layer::kEmbedding:
      return TakesEmbedding(layer.embedding(), layer.embedding().inputdim(),
                            layer.embedding().outputchannels());
    case Layer::kEmbeddingND:
      return TakesEmbedding(layer.embeddingnd(), layer.embeddingnd().vocabsize(),
                            layer.embeddingnd().embeddingsize());
    case Layer::kBatchnorm:
      return TakesBatchnorm(layer.batchnorm());
    case Layer::kScale:
      return TakesScale(layer.scale());
    case Layer::kBias:
      return TakesShaped(layer.bias().bias(), layer.bias().shape());
    case Layer::kLoadConstant:
      return TakesShaped(layer.loadconstant().data(), layer.loadconstant().shape());
    case Layer::kLoadConstantND:
      return IsWhole(layer.loadconstantnd().data(), ProductOf(layer.loadconstantnd().shape()), 1);
    case Layer::kSimpleRecurrent:
      return TakesSimpleRecurrent(layer.simplerecurrent());
    case Layer::kGru:
      return TakesGru(layer.gru());
    case Layer::kUniDirectionalLSTM:
      return TakesLstm(layer.unidirectionallstm().inputvectorsize(),
                       layer.unidirectionallstm().outputvectorsize(),
                       layer.unidirectionallstm().params(),
                       layer.unidirectionallstm().weightparams(), true);
    case Layer::kBiDirectionalLSTM:
      return TakesBidirectional(layer.bidirectionallstm());
    case Layer::kActivation:
      return TakesActivation(layer.activation());
    case Layer::kLayerNormalization:
      return TakesLayerNormalization(layer.layernormalization());
    case Layer::kCustom:
      for (const WeightParams& weight : layer.custom().weights()) {
        if (TypeOf(weight) == Type::kSeveral || TypeOf(weight) == Type::kEmpty) return false;
      }
      return true;
    default:
      return true;
  }
}

// Of layers to be trained on.
bool TakesUpdatable(const Layer& layer) {
  const auto is_plain = [](const auto& params) {
    const bool quantized = params.weights().has_quantization() ||
                           (params.hasbias() && params.bias().has_quantization());
    const bool marked =
        params.weights().isupdatable() && (!params.hasbias() || params.bias().isupdatable());
    return marked && !quantized;
  };
  if (layer.has_convolution()) return is_plain(layer.convolution());
  return !layer.has_innerproduct() || is_plain(layer.innerproduct());
}

void CheckNetwork(const google::protobuf::RepeatedPtrField<Layer>& layers, bool updatable,
                  std::vector<std::string>& refusals) {
  for (const Layer& layer : layers) {
    if (!Takes(layer)) refusals.push_back(layer.name());
    if (updatable && layer.isupdatable() && !TakesUpdatable(layer)) {
      refusals.push_back(layer.name() + " (updatable)");
    }
    CheckNetwork(layer.branch().ifbranch().layers(), false, refusals);
    CheckNetwork(layer.branch().elsebranch().layers(), false, refusals);
    CheckNetwork(layer.loop().conditionnetwork().layers(), false, refusals);
    CheckNetwork(layer.loop().bodynetwork().layers(), false, refusals);
  }
}

}  // namespace

std::vector<std::string> CoreMlRefusals(const schema::Model& model) {
  std::vector<std::string> refusals;
  CheckNetwork(model.neuralnetwork().layers(), model.isupdatable(), refusals);
  CheckNetwork(model.neuralnetworkclassifier().layers(), model.isupdatable(), refusals);
  CheckNetwork(model.neuralnetworkregressor().layers(), model.isupdatable(), refusals);
  for (const schema::Model& member : model.pipeline().models()) {
    const std::vector<std::string> found = CoreMlRefusals(member);
    refusals.insert(refusals.end(), found.begin(), found.end());
  }
  return refusals;
}

}  // namespace nbits

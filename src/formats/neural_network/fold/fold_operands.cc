// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/fold/fold_operands.h"

#include <algorithm>

#include "nbits/packed_tensor.h"

namespace nbits {
namespace {

using Layer = schema::NeuralNetworkLayer;
using schema::WeightParams;

Linear LinearOf(const schema::ConvolutionLayerParams& params) {
  const auto outputs = static_cast<int64_t>(params.outputchannels());
  return {outputs,
          params.hasbias(),
          &params.weights(),
          &params.bias(),
          {outputs, params.isdeconvolution(), static_cast<int64_t>(params.kernelchannels()),
           std::max<int64_t>(1, static_cast<int64_t>(params.ngroups()))}};
}

constexpr int64_t kMostChannels = int64_t{1} << 24;  // Keeps products far from overflow.

bool LayoutAgrees(const KernelLayout& layout, int64_t weights) {
  if (layout.output_channels < 1 || layout.output_channels > kMostChannels) return false;
  if (!layout.transposed) return weights % layout.output_channels == 0;
  if (layout.input_channels < 1 || layout.input_channels > kMostChannels) return false;
  if (layout.groups > layout.output_channels || layout.output_channels % layout.groups != 0 ||
      layout.input_channels % layout.groups != 0) {
    return false;
  }
  return weights % (layout.input_channels * (layout.output_channels / layout.groups)) == 0;
}

// True for [channels], [channels, 1, 1] and shapes of a single element.
bool IsPerChannel(const google::protobuf::RepeatedField<uint64_t>& shape, int64_t channels) {
  return std::all_of(shape.begin() + (shape.empty() ? 0 : 1), shape.end(),
                     [](uint64_t extent) { return extent == 1; }) &&
         (shape.empty() || shape[0] == 1 || shape[0] == static_cast<uint64_t>(channels));
}

bool CountFits(const Model& model, const WeightParams& weight, int64_t channels) {
  const int64_t count = FloatCount(model, weight);
  return count == 1 || count == channels;
}

}  // namespace

int64_t FloatCount(const Model& model, const WeightParams& weight) {
  if (weight.floatvalue_size() > 0) return weight.floatvalue_size();
  const uint32_t index = weight.nbits_weight_index();
  if (index == 0 || index > model.weights().size()) return -1;
  const PackedTensor& tensor = model.weights()[index - 1].tensor;
  if (tensor.scheme != Scheme::kFloat32) return -1;
  return static_cast<int64_t>(tensor.bytes.size() / sizeof(float));
}

std::vector<float> Values(const Model& model, const WeightParams& weight) {
  if (weight.floatvalue_size() > 0) {
    return {weight.floatvalue().begin(), weight.floatvalue().end()};
  }
  const PackedTensor& tensor = model.weights()[weight.nbits_weight_index() - 1].tensor;
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  // Cannot fail: FloatCount has seen the tensor, whose promises Model has checked.
  if (!Dequantize(tensor, values).ok()) values.clear();
  return values;
}

void SetValues(WeightParams& weight, const std::vector<float>& values) {
  weight.clear_nbits_weight_index();
  weight.mutable_floatvalue()->Assign(values.begin(), values.end());
}

Linear LinearOf(const Layer& layer) {
  if (layer.has_convolution()) return LinearOf(layer.convolution());
  const schema::InnerProductLayerParams& params = layer.innerproduct();
  const auto outputs = static_cast<int64_t>(params.outputchannels());
  return {outputs, params.hasbias(), &params.weights(), &params.bias(), {outputs}};
}

bool CanReceive(const Model& model, const Linear& linear) {
  const int64_t weights = FloatCount(model, *linear.weights);
  if (weights < 1 || !LayoutAgrees(linear.layout, weights)) return false;
  return !linear.has_bias || FloatCount(model, *linear.bias) == linear.output_channels;
}

bool ScaleFits(const Model& model, const schema::ScaleLayerParams& scale, int64_t channels) {
  if (!IsPerChannel(scale.shapescale(), channels) || !CountFits(model, scale.scale(), channels)) {
    return false;
  }
  return !scale.hasbias() ||
         (IsPerChannel(scale.shapebias(), channels) && CountFits(model, scale.bias(), channels));
}

bool BiasFits(const Model& model, const schema::BiasLayerParams& bias, int64_t channels) {
  return IsPerChannel(bias.shape(), channels) && CountFits(model, bias.bias(), channels);
}

bool BatchnormIsWhole(const Model& model, const schema::BatchnormLayerParams& batchnorm,
                      int64_t channels) {
  if (batchnorm.instancenormalization() || batchnorm.computemeanvar()) return false;
  if (static_cast<int64_t>(batchnorm.channels()) != channels) return false;
  const auto whole = [&](const WeightParams& weight) {
    return FloatCount(model, weight) == channels;
  };
  return whole(batchnorm.gamma()) && whole(batchnorm.beta()) && whole(batchnorm.mean()) &&
         whole(batchnorm.variance());
}

}  // namespace nbits

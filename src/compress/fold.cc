#include "compress/fold.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "compress/fold_arithmetic.h"
#include "compress/fold_search.h"
#include "nbits/compress.h"

namespace nbits {
namespace {

using Layer = schema::NeuralNetworkLayer;
using schema::WeightParams;

// Number of values of a Float32 weight; -1 when it has none or stores them otherwise.
int64_t FloatCount(const Model& model, const WeightParams& weight) {
  const uint32_t index = weight.nbits_weight_index();
  if (index == 0 || index > model.weights().size()) return -1;
  const PackedTensor& tensor = model.weights()[index - 1].tensor;
  if (tensor.scheme != Scheme::kFloat32) return -1;
  return static_cast<int64_t>(tensor.bytes.size() / sizeof(float));
}

std::vector<float> Values(const Model& model, const WeightParams& weight) {
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

// The parts that convolutions and inner products have in common.
struct Linear {
  int64_t output_channels = 0;
  bool has_bias = false;
  const WeightParams* weights = nullptr;
  const WeightParams* bias = nullptr;
  KernelLayout layout;
};

Linear LinearOf(const schema::ConvolutionLayerParams& params) {
  const auto outputs = static_cast<int64_t>(params.outputchannels());
  return {outputs,
          params.hasbias(),
          &params.weights(),
          &params.bias(),
          {outputs, params.isdeconvolution(), static_cast<int64_t>(params.kernelchannels()),
           std::max<int64_t>(1, static_cast<int64_t>(params.ngroups()))}};
}

Linear LinearOf(const Layer& layer) {
  if (layer.has_convolution()) return LinearOf(layer.convolution());
  const schema::InnerProductLayerParams& params = layer.innerproduct();
  const auto outputs = static_cast<int64_t>(params.outputchannels());
  return {outputs, params.hasbias(), &params.weights(), &params.bias(), {outputs}};
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

bool CanReceive(const Model& model, const Linear& linear) {
  const int64_t weights = FloatCount(model, *linear.weights);
  if (weights < 1 || !LayoutAgrees(linear.layout, weights)) return false;
  return !linear.has_bias || FloatCount(model, *linear.bias) == linear.output_channels;
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

bool ScaleFits(const Model& model, const schema::ScaleLayerParams& scale, int64_t channels) {
  if (!IsPerChannel(scale.shapescale(), channels) || !CountFits(model, scale.scale(), channels)) {
    return false;
  }
  return !scale.hasbias() ||
         (IsPerChannel(scale.shapebias(), channels) && CountFits(model, scale.bias(), channels));
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

// What a second layer does to each channel.
struct Affine {
  std::vector<double> factor;  // Empty: 1.
  std::vector<float> bias;     // The folded bias; empty: there is none.
};

Affine FoldBatchnorm(const Model& model, const schema::BatchnormLayerParams& params,
                     const std::vector<float>& bias) {
  const std::vector<float> gamma = Values(model, params.gamma()),
                           beta = Values(model, params.beta());
  const std::vector<float> mean = Values(model, params.mean());
  const std::vector<float> variance = Values(model, params.variance());
  const BatchnormParameters batchnorm{gamma, beta, mean, variance, params.epsilon()};
  return {BatchnormFactor(batchnorm), BatchnormBias(batchnorm, bias)};
}

// The bias of a layer that had none: `bias`, or its single value for all channels.
std::vector<float> NewBias(const std::vector<float>& bias, int64_t channels) {
  if (bias.size() > 1) return bias;
  return std::vector<float>(static_cast<size_t>(channels), bias[0]);
}

// coremltools leaves the bias unscaled when the scale layer has none of its own; that changes what
// the network computes, so it is scaled here.
Affine FoldScale(const Model& model, const Linear& first, const schema::ScaleLayerParams& params) {
  const std::vector<float> scale = Values(model, params.scale());
  const std::vector<float> shift =
      params.hasbias() ? Values(model, params.bias()) : std::vector<float>();
  Affine affine;
  affine.factor.assign(static_cast<size_t>(first.output_channels), scale[0]);
  if (scale.size() > 1) affine.factor.assign(scale.begin(), scale.end());
  if (first.has_bias) {
    affine.bias = MultiplyAdd(scale, Values(model, *first.bias), shift);
  } else if (params.hasbias()) {
    affine.bias = NewBias(shift, first.output_channels);
  }
  return affine;
}

Affine FoldBias(const Model& model, const Linear& first, const schema::BiasLayerParams& params) {
  const std::vector<float> shift = Values(model, params.bias());
  if (!first.has_bias) return {{}, NewBias(shift, first.output_channels)};
  return {{}, MultiplyAdd(std::vector<float>{1.0f}, Values(model, *first.bias), shift)};
}

Affine FoldInto(const Model& model, const Linear& first, const Layer& second) {
  if (second.has_scale()) return FoldScale(model, first, second.scale());
  if (second.has_bias()) return FoldBias(model, first, second.bias());
  std::vector<float> bias(static_cast<size_t>(first.output_channels), 0.0f);
  if (first.has_bias) bias = Values(model, *first.bias);
  return FoldBatchnorm(model, second.batchnorm(), bias);
}

template <typename Params>
void Store(const Affine& affine, std::vector<float> weights, const KernelLayout& layout,
           Params& params) {
  if (!affine.factor.empty()) {
    ScaleKernel(weights, layout, affine.factor);
    SetValues(*params.mutable_weights(), weights);
  }
  if (!affine.bias.empty()) {
    SetValues(*params.mutable_bias(), affine.bias);
    params.set_hasbias(true);
  }
}

void FoldIntoLinear(const Model& model, const Layer& second, Layer& folded) {
  const Linear linear = LinearOf(folded);
  const Affine affine = FoldInto(model, linear, second);
  std::vector<float> weights = Values(model, *linear.weights);
  if (folded.has_convolution()) {
    Store(affine, std::move(weights), linear.layout, *folded.mutable_convolution());
  } else {
    Store(affine, std::move(weights), linear.layout, *folded.mutable_innerproduct());
  }
}

// gamma *= scale, beta = beta * scale + bias.
void FoldIntoBatchnorm(const Model& model, const schema::ScaleLayerParams& scale, Layer& folded) {
  schema::BatchnormLayerParams& batchnorm = *folded.mutable_batchnorm();
  const std::vector<float> factor = Values(model, scale.scale());
  std::vector<float> bias;
  if (scale.hasbias()) bias = Values(model, scale.bias());
  SetValues(*batchnorm.mutable_gamma(), MultiplyAdd(factor, Values(model, batchnorm.gamma()), {}));
  SetValues(*batchnorm.mutable_beta(), MultiplyAdd(factor, Values(model, batchnorm.beta()), bias));
}

}  // namespace

bool CanFold(const Model& model, const Layer& first, const Layer& second) {
  if (first.isupdatable() || second.isupdatable()) return false;
  if (first.has_batchnorm()) {
    const auto channels = static_cast<int64_t>(first.batchnorm().channels());
    return BatchnormIsWhole(model, first.batchnorm(), channels) &&
           ScaleFits(model, second.scale(), channels);
  }
  const Linear linear = LinearOf(first);
  if (!CanReceive(model, linear)) return false;
  if (second.has_batchnorm()) {
    return BatchnormIsWhole(model, second.batchnorm(), linear.output_channels);
  }
  if (second.has_scale()) return ScaleFits(model, second.scale(), linear.output_channels);
  return IsPerChannel(second.bias().shape(), linear.output_channels) &&
         CountFits(model, second.bias().bias(), linear.output_channels);
}

Layer FoldPair(const Model& model, const Layer& first, const Layer& second) {
  Layer folded = first;
  if (first.has_batchnorm()) {
    FoldIntoBatchnorm(model, second.scale(), folded);
  } else {
    FoldIntoLinear(model, second, folded);
  }
  *folded.mutable_output() = second.output();
  return folded;
}

absl::StatusOr<int> FoldLayers(Model& model) {
  const auto foldable = [&model](const Layer& first, const Layer& second) {
    return CanFold(model, first, second);
  };
  for (int folds = 0;; ++folds) {
    const std::vector<NetworkRef> networks = Networks(model);
    const std::optional<FoldCandidate> pair = FindFold(networks, foldable);
    if (!pair) return folds;
    const std::vector<const Layer*>& layers = networks[pair->network].layers;
    const Layer folded = FoldPair(model, *layers[pair->first], *layers[pair->second]);
    NBITS_RETURN_IF_ERROR(ReplaceLayer(model, pair->network, pair->first, folded));
    NBITS_RETURN_IF_ERROR(RemoveLayer(model, pair->network, pair->second));
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/fold/fold.h"

#include <span>
#include <utility>
#include <vector>

#include "formats/neural_network/fold/fold_arithmetic.h"
#include "formats/neural_network/fold/fold_operands.h"
#include "tensor/kernels.h"

namespace nbits {
namespace {

using Layer = schema::NeuralNetworkLayer;
using schema::WeightParams;

// What a second layer does to each channel.
struct Affine {
  std::vector<double> factor;  // Empty: 1.
  std::vector<float> bias;     // The folded bias; empty: there is none.
};

// The format reads 0 as its default, 1e-5; coremltools as 0.
float Epsilon(const schema::BatchnormLayerParams& params, FoldPlan::Kind kind) {
  const bool is_default = params.epsilon() == 0 && kind != FoldPlan::Kind::kCoremltools;
  return is_default ? 1e-5f : params.epsilon();
}

Affine FoldBatchnorm(const Model& model, const schema::BatchnormLayerParams& params,
                     const std::vector<float>& bias, FoldPlan::Kind kind) {
  const std::vector<float> gamma = Values(model, params.gamma()),
                           beta = Values(model, params.beta());
  const std::vector<float> mean = Values(model, params.mean());
  const std::vector<float> variance = Values(model, params.variance());
  const BatchnormParameters batchnorm{gamma, beta, mean, variance, Epsilon(params, kind)};
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

Affine FoldInto(const Model& model, const Linear& first, const Layer& second, FoldPlan::Kind kind) {
  if (second.has_scale()) return FoldScale(model, first, second.scale());
  if (second.has_bias()) return FoldBias(model, first, second.bias());
  std::vector<float> bias(static_cast<size_t>(first.output_channels), 0.0f);
  if (first.has_bias) bias = Values(model, *first.bias);
  return FoldBatchnorm(model, second.batchnorm(), bias, kind);
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

void FoldIntoLinear(const Model& model, const Layer& second, FoldPlan::Kind kind, Layer& folded) {
  const Linear linear = LinearOf(folded);
  const Affine affine = FoldInto(model, linear, second, kind);
  std::vector<float> weights = Values(model, *linear.weights);
  if (folded.has_convolution()) {
    Store(affine, std::move(weights), linear.layout, *folded.mutable_convolution());
  } else {
    Store(affine, std::move(weights), linear.layout, *folded.mutable_innerproduct());
  }
}

// gamma *= scale, beta = beta * scale + bias.
void FoldScaleIntoBatchnorm(const Model& model, const schema::ScaleLayerParams& scale,
                            schema::BatchnormLayerParams& batchnorm) {
  const std::vector<float> factor = Values(model, scale.scale());
  std::vector<float> bias;
  if (scale.hasbias()) bias = Values(model, scale.bias());
  SetValues(*batchnorm.mutable_gamma(), MultiplyAdd(factor, Values(model, batchnorm.gamma()), {}));
  SetValues(*batchnorm.mutable_beta(), MultiplyAdd(factor, Values(model, batchnorm.beta()), bias));
}

void FoldIntoBatchnorm(const Model& model, const Layer& second,
                       schema::BatchnormLayerParams& batchnorm) {
  if (second.has_scale()) return FoldScaleIntoBatchnorm(model, second.scale(), batchnorm);
  const std::vector<float> one = {1.0f};
  SetValues(*batchnorm.mutable_beta(),
            MultiplyAdd(one, Values(model, batchnorm.beta()), Values(model, second.bias().bias())));
}

bool SecondFits(const Model& model, const Layer& second, int64_t channels) {
  if (second.has_batchnorm()) return BatchnormIsWhole(model, second.batchnorm(), channels);
  if (second.has_scale()) return ScaleFits(model, second.scale(), channels);
  return BiasFits(model, second.bias(), channels);
}

bool IsFinite(const WeightParams& weight) {
  const auto& values = weight.floatvalue();
  return FindExtremes(std::span(values.data(), static_cast<size_t>(values.size()))).finite;
}

// Of the values that folding made.
bool ResultIsFinite(const Layer& folded) {
  if (folded.has_batchnorm()) {
    return IsFinite(folded.batchnorm().gamma()) && IsFinite(folded.batchnorm().beta());
  }
  const Linear linear = LinearOf(folded);
  return IsFinite(*linear.weights) && IsFinite(*linear.bias);
}

}  // namespace

bool CanFold(const Model& model, const Layer& first, const Layer& second) {
  if (first.isupdatable() || second.isupdatable()) return false;
  if (first.has_batchnorm()) {
    const auto channels = static_cast<int64_t>(first.batchnorm().channels());
    return BatchnormIsWhole(model, first.batchnorm(), channels) &&
           SecondFits(model, second, channels);
  }
  const Linear linear = LinearOf(first);
  return CanReceive(model, linear) && SecondFits(model, second, linear.output_channels);
}

std::optional<Layer> FoldPair(const Model& model, const Layer& first, const Layer& second,
                              FoldPlan::Kind kind) {
  Layer folded = first;
  if (first.has_batchnorm()) {
    FoldIntoBatchnorm(model, second, *folded.mutable_batchnorm());
  } else {
    FoldIntoLinear(model, second, kind, folded);
  }
  if (!ResultIsFinite(folded)) return std::nullopt;
  *folded.mutable_output() = second.output();
  *folded.mutable_outputtensor() = second.outputtensor();
  return folded;
}

std::optional<Layer> BatchnormAsScale(const Model& model, const Layer& layer) {
  const schema::BatchnormLayerParams& params = layer.batchnorm();
  const auto channels = static_cast<int64_t>(params.channels());
  if (layer.isupdatable() || !BatchnormIsWhole(model, params, channels)) return std::nullopt;
  const std::vector<float> zero(params.channels(), 0.0f);
  const Affine affine = FoldBatchnorm(model, params, zero, FoldPlan::Kind::kFull);
  Layer merged = layer;
  schema::ScaleLayerParams& scale = *merged.mutable_scale();
  scale.add_shapescale(params.channels());
  SetValues(*scale.mutable_scale(), {affine.factor.begin(), affine.factor.end()});
  scale.add_shapebias(params.channels());
  scale.set_hasbias(true);
  SetValues(*scale.mutable_bias(), affine.bias);
  if (!IsFinite(scale.scale()) || !IsFinite(scale.bias())) return std::nullopt;
  return merged;
}

}  // namespace nbits

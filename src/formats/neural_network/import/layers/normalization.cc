// SPDX-License-Identifier: Apache-2.0
// Imports normalisation layers.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

using schema::BatchnormLayerParams;

float EpsilonOr(float epsilon, float fallback) { return epsilon == 0 ? fallback : epsilon; }

struct AffineVectors {
  std::vector<float> gamma, beta;
};

absl::StatusOr<AffineVectors> ReadAffine(const Layer& layer, const schema::WeightParams& gamma,
                                         const schema::WeightParams& beta, int64_t length) {
  AffineVectors vectors;
  NBITS_ASSIGN_OR_RETURN(vectors.gamma, layer.Vector(gamma, length));
  NBITS_ASSIGN_OR_RETURN(vectors.beta, layer.Vector(beta, length));
  return vectors;
}

// Statistics of each channel over a whole batch: the channels are moved to the front, so that what
// is normalised lies together, and back.
absl::StatusOr<TensorId> NormalizeBatch(const Layer& layer, const Shape& shape, float epsilon) {
  const int rank = static_cast<int>(shape.size());
  std::vector<int> front(rank), back(rank);
  std::iota(front.begin(), front.end(), 0);
  std::rotate(front.begin(), front.end() - 3, front.end() - 2);
  for (int axis = 0; axis < rank; ++axis) back[front[axis]] = axis;
  NBITS_ASSIGN_OR_RETURN(TensorId value, layer.builder.AddOne(Transpose{front}, layer.inputs));
  NBITS_ASSIGN_OR_RETURN(
      value,
      layer.builder.AddOne(Normalize{1, true, epsilon, Normalize::Affine::kNone, {}, {}}, {value}));
  return layer.builder.AddOne(Transpose{back}, {value});
}

// Mean and variance come from the input: of each picture, or of the whole batch.
absl::Status ImportComputedBatchnorm(Layer& layer, const BatchnormLayerParams& params,
                                     AffineVectors affine) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 3));
  const float epsilon = EpsilonOr(params.epsilon(), 1e-5f);
  const int plane = static_cast<int>(shape.size()) - 2;
  if (params.instancenormalization() || Product(shape, 0, plane - 1) == 1) {
    return layer.Finish(Normalize{plane, true, epsilon, Normalize::Affine::kChannel,
                                  std::move(affine.gamma), std::move(affine.beta)});
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId normal, NormalizeBatch(layer, shape, epsilon));
  return layer.Finish(ChannelAffine{std::move(affine.gamma), std::move(affine.beta)}, {normal});
}

absl::Status ImportBatchnorm(Layer& layer) {
  const BatchnormLayerParams& params = layer.proto.batchnorm();
  NBITS_ASSIGN_OR_RETURN(const int64_t channels, CheckedExtent(params.channels(), "channels"));
  NBITS_ASSIGN_OR_RETURN(AffineVectors affine,
                         ReadAffine(layer, params.gamma(), params.beta(), channels));
  if (params.computemeanvar()) return ImportComputedBatchnorm(layer, params, std::move(affine));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> mean, layer.Vector(params.mean(), channels));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> variance,
                         layer.Vector(params.variance(), channels));
  const float epsilon = EpsilonOr(params.epsilon(), 1e-5f);
  ChannelAffine op;
  for (int64_t c = 0; c < channels; ++c) {
    const double scale = affine.gamma[c] / std::sqrt(double{variance[c]} + epsilon);
    op.scale.push_back(static_cast<float>(scale));
    op.offset.push_back(static_cast<float>(affine.beta[c] - mean[c] * scale));
  }
  return layer.Finish(std::move(op));
}

absl::Status ImportMvn(Layer& layer) {
  const auto& params = layer.proto.mvn();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 3));
  const int first_axis = static_cast<int>(shape.size()) - (params.acrosschannels() ? 3 : 2);
  return layer.Finish(Normalize{first_axis,
                                params.normalizevariance(),
                                EpsilonOr(params.epsilon(), 1e-6f),
                                Normalize::Affine::kNone,
                                {},
                                {}});
}

absl::Status ImportLayerNormalization(Layer& layer) {
  const auto& params = layer.proto.layernormalization();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const size_t axes = static_cast<size_t>(params.normalizedshape_size());
  if (axes == 0 || axes > shape.size()) return absl::InvalidArgumentError("shape does not fit");
  const size_t first_axis = shape.size() - axes;
  for (size_t i = 0; i < axes; ++i) {
    if (params.normalizedshape(static_cast<int>(i)) != shape[first_axis + i]) {
      return absl::InvalidArgumentError(
          absl::StrCat("normalised shape differs from the input's ", ShapeText(shape)));
    }
  }
  const int64_t length = Product(shape, first_axis, shape.size());
  NBITS_ASSIGN_OR_RETURN(AffineVectors affine,
                         ReadAffine(layer, params.gamma(), params.beta(), length));
  return layer.Finish(Normalize{static_cast<int>(first_axis), true, params.eps(),
                                Normalize::Affine::kElement, std::move(affine.gamma),
                                std::move(affine.beta)});
}

absl::Status ImportL2Normalize(Layer& layer) {
  return layer.Finish(L2Normalize{EpsilonOr(layer.proto.l2normalize().epsilon(), 1e-6f)});
}

absl::Status ImportLrn(Layer& layer) {
  const auto& params = layer.proto.lrn();
  NBITS_ASSIGN_OR_RETURN(const int64_t size, CheckedExtent(params.localsize(), "local size"));
  return layer.Finish(
      LocalResponse{params.alpha(), params.beta(), EpsilonOr(params.k(), 1.0f), size});
}

}  // namespace

std::span<const LayerKind> NormalizationLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kBatchnorm, "batchnorm", ImportBatchnorm},
      {L::kMvn, "mvn", ImportMvn},
      {L::kLayerNormalization, "layerNormalization", ImportLayerNormalization},
      {L::kL2Normalize, "l2normalize", ImportL2Normalize},
      {L::kLrn, "lrn", ImportLrn},
  };
  return kKinds;
}

}  // namespace nbits::graph

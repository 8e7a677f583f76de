// SPDX-License-Identifier: Apache-2.0
// Imports layers that look values up by index, and band matrices.
#include <algorithm>

#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

absl::StatusOr<Embedding> MakeEmbedding(const Layer& layer, uint64_t dictionary, uint64_t channels,
                                        const schema::WeightParams& weights,
                                        const schema::WeightParams* bias) {
  Embedding op;
  NBITS_ASSIGN_OR_RETURN(op.dictionary, CheckedExtent(dictionary, "dictionary"));
  NBITS_ASSIGN_OR_RETURN(op.channels, CheckedExtent(channels, "channels"));
  NBITS_ASSIGN_OR_RETURN(op.weight, layer.Weight(weights, {op.channels, op.dictionary}));
  if (bias != nullptr) {
    NBITS_ASSIGN_OR_RETURN(op.bias, layer.Vector(*bias, op.channels));
  }
  return op;
}

// Indices [..., 1, 1, 1] become [..., channels, 1, 1].
absl::Status ImportEmbedding(Layer& layer) {
  const auto& params = layer.proto.embedding();
  NBITS_ASSIGN_OR_RETURN(
      Embedding op, MakeEmbedding(layer, params.inputdim(), params.outputchannels(),
                                  params.weights(), params.hasbias() ? &params.bias() : nullptr));
  NBITS_ASSIGN_OR_RETURN(op.output_shape, layer.InputShape(0, 3));
  op.output_shape[op.output_shape.size() - 3] *= op.channels;
  return layer.Finish(std::move(op));
}

// Indices [..., 1] become [..., channels].
absl::Status ImportEmbeddingNd(Layer& layer) {
  const auto& params = layer.proto.embeddingnd();
  NBITS_ASSIGN_OR_RETURN(
      Embedding op, MakeEmbedding(layer, params.vocabsize(), params.embeddingsize(),
                                  params.weights(), params.hasbias() ? &params.bias() : nullptr));
  NBITS_ASSIGN_OR_RETURN(op.output_shape, layer.InputShape(0, 1));
  op.output_shape.back() *= op.channels;
  return layer.Finish(std::move(op));
}

absl::Status ImportGather(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(layer.proto.gather().axis()));
  return layer.Finish(Gather{axis});
}

absl::Status ImportGatherAlongAxis(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(layer.proto.gatheralongaxis().axis()));
  return layer.Finish(GatherAlongAxis{axis});
}

absl::Status ImportGatherNd(Layer& layer) { return layer.Finish(GatherNd{}); }

absl::Status ImportOneHot(Layer& layer) {
  const auto& params = layer.proto.onehot();
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(params.axis(), shape.size() + 1));
  uint64_t stated = params.onehotvectorsize();
  if (layer.inputs.size() == 2) {
    NBITS_RETURN_IF_ERROR(layer.InputScalar(1).status());
    NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> values, layer.InputIntegers(1));
    stated = static_cast<uint64_t>(std::max<int64_t>(0, values[0]));
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t size, CheckedExtent(stated, "size"));
  return layer.Finish(OneHot{axis, size, params.onvalue(), params.offvalue()}, {layer.inputs[0]});
}

// Diagonals are at most kMaxElements away; farther ones keep everything or nothing just the same.
int64_t ClampDiagonal(int64_t k) { return std::clamp(k, -kMaxElements, kMaxElements); }

// A negative count keeps the whole triangle.
absl::Status ImportMatrixBand(Layer& layer) {
  const auto& params = layer.proto.matrixbandpart();
  const auto bound = [](int64_t count) { return count < 0 ? kMaxElements : ClampDiagonal(count); };
  return layer.Finish(MatrixBand{bound(params.numlower()), bound(params.numupper())});
}

absl::Status ImportLowerTriangular(Layer& layer) {
  return layer.Finish(MatrixBand{kMaxElements, ClampDiagonal(layer.proto.lowertriangular().k())});
}

absl::Status ImportUpperTriangular(Layer& layer) {
  return layer.Finish(MatrixBand{-ClampDiagonal(layer.proto.uppertriangular().k()), kMaxElements});
}

}  // namespace

std::span<const LayerKind> LookupLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kEmbedding, "embedding", ImportEmbedding},
      {L::kEmbeddingND, "embeddingND", ImportEmbeddingNd},
      {L::kGather, "gather", ImportGather},
      {L::kGatherAlongAxis, "gatherAlongAxis", ImportGatherAlongAxis},
      {L::kGatherND, "gatherND", ImportGatherNd},
      {L::kOneHot, "oneHot", ImportOneHot},
      {L::kMatrixBandPart, "matrixBandPart", ImportMatrixBand},
      {L::kLowerTriangular, "lowerTriangular", ImportLowerTriangular},
      {L::kUpperTriangular, "upperTriangular", ImportUpperTriangular},
  };
  return kKinds;
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Imports layers that put values into a container by index.
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

absl::StatusOr<ScatterMode> ModeOf(int mode) {
  static constexpr ScatterMode kModes[] = {
      ScatterMode::kUpdate, ScatterMode::kAdd,     ScatterMode::kSubtract, ScatterMode::kMultiply,
      ScatterMode::kDivide, ScatterMode::kMaximum, ScatterMode::kMinimum};
  if (mode < 0 || mode > 6) return absl::InvalidArgumentError("unknown mode");
  return kModes[mode];
}

absl::Status ImportScatter(Layer& layer) {
  const auto& params = layer.proto.scatter();
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(params.axis()));
  NBITS_ASSIGN_OR_RETURN(const ScatterMode mode, ModeOf(params.mode()));
  return layer.Finish(Scatter{axis, mode});
}

absl::Status ImportScatterAlongAxis(Layer& layer) {
  const auto& params = layer.proto.scatteralongaxis();
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(params.axis()));
  NBITS_ASSIGN_OR_RETURN(const ScatterMode mode, ModeOf(params.mode()));
  return layer.Finish(ScatterAlongAxis{axis, mode});
}

absl::Status ImportScatterNd(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const ScatterMode mode, ModeOf(layer.proto.scatternd().mode()));
  return layer.Finish(ScatterNd{mode});
}

}  // namespace

std::span<const LayerKind> ScatterLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kScatter, "scatter", ImportScatter},
      {L::kScatterND, "scatterND", ImportScatterNd},
      {L::kScatterAlongAxis, "scatterAlongAxis", ImportScatterAlongAxis},
  };
  return kKinds;
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Imports non-maximum suppression.
#include <algorithm>

#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

// Inputs: boxes, scores, then thresholds and the number of boxes instead of the parameters. The
// number is an extent, so that its value must be there.
absl::Status ImportSuppression(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(2, 5));
  const auto& params = layer.proto.nonmaximumsuppression();
  NonMaximumSuppression op{.overlap_threshold = params.iouthreshold(),
                           .score_threshold = params.scorethreshold(),
                           .per_class = params.perclasssuppression(),
                           .overlap_input = layer.inputs.size() > 2,
                           .score_input = layer.inputs.size() > 3};
  uint64_t stated = params.maxboxes();
  if (layer.inputs.size() == 5) {
    NBITS_RETURN_IF_ERROR(layer.InputScalar(4).status());
    NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> values, layer.InputIntegers(4));
    stated = static_cast<uint64_t>(std::max<int64_t>(0, values[0]));
  }
  NBITS_ASSIGN_OR_RETURN(op.max_boxes, CheckedExtent(stated, "number of boxes"));
  const size_t used = std::min<size_t>(4, layer.inputs.size());
  return layer.Finish(op, {layer.inputs.begin(), layer.inputs.begin() + static_cast<long>(used)});
}

}  // namespace

std::span<const LayerKind> SuppressionLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kNonMaximumSuppression, "NonMaximumSuppression", ImportSuppression},
  };
  return kKinds;
}

}  // namespace nbits::graph

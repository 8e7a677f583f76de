// Layer types without an importer, so that a message can name them.
#include "graph/import/layer.h"

namespace nbits::graph {

std::span<const LayerKind> UnsupportedLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kCustom, "custom", nullptr},
      {L::kBranch, "branch", nullptr},
      {L::kLoop, "loop", nullptr},
      {L::kLoopBreak, "loopBreak", nullptr},
      {L::kLoopContinue, "loopContinue", nullptr},
      {L::kRangeDynamic, "rangeDynamic", nullptr},
      {L::kScatter, "scatter", nullptr},
      {L::kScatterND, "scatterND", nullptr},
      {L::kScatterAlongAxis, "scatterAlongAxis", nullptr},
      {L::kReverseSeq, "reverseSeq", nullptr},
      {L::kSliceDynamic, "sliceDynamic", nullptr},
      {L::kFillDynamic, "fillDynamic", nullptr},
      {L::kBroadcastToDynamic, "broadcastToDynamic", nullptr},
      {L::kReshapeDynamic, "reshapeDynamic", nullptr},
      {L::kRandomNormalLike, "randomNormalLike", nullptr},
      {L::kRandomNormalStatic, "randomNormalStatic", nullptr},
      {L::kRandomNormalDynamic, "randomNormalDynamic", nullptr},
      {L::kRandomUniformLike, "randomUniformLike", nullptr},
      {L::kRandomUniformStatic, "randomUniformStatic", nullptr},
      {L::kRandomUniformDynamic, "randomUniformDynamic", nullptr},
      {L::kRandomBernoulliLike, "randomBernoulliLike", nullptr},
      {L::kRandomBernoulliStatic, "randomBernoulliStatic", nullptr},
      {L::kRandomBernoulliDynamic, "randomBernoulliDynamic", nullptr},
      {L::kCategoricalDistribution, "categoricalDistribution", nullptr},
      {L::kWhereNonZero, "whereNonZero", nullptr},
      {L::kNonMaximumSuppression, "NonMaximumSuppression", nullptr},
      {L::kPooling3D, "pooling3d", nullptr},
      {L::kGlobalPooling3D, "globalPooling3d", nullptr},
      {L::kConvolution3D, "convolution3d", nullptr},
  };
  return kKinds;
}

}  // namespace nbits::graph

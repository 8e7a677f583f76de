// SPDX-License-Identifier: Apache-2.0
// Imports layers that make random values.
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

// A negative seed leaves the choice to whoever runs the network. Here the layer's name decides, so
// that layers differ and runs can be compared. (FNV-1a, 64 bits.)
uint64_t SeedOf(const Layer& layer, int64_t stated) {
  if (stated >= 0) return static_cast<uint64_t>(stated);
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char letter : layer.proto.name()) hash = (hash ^ letter) * 0x100000001b3u;
  return hash;
}

template <typename Params>
Random Normal(const Layer& layer, const Params& params) {
  return {Random::Distribution::kNormal,
          params.mean(),
          params.stddev(),
          SeedOf(layer, params.seed()),
          {}};
}
template <typename Params>
Random Uniform(const Layer& layer, const Params& params) {
  return {Random::Distribution::kUniform,
          params.minval(),
          params.maxval(),
          SeedOf(layer, params.seed()),
          {}};
}
template <typename Params>
Random Bernoulli(const Layer& layer, const Params& params) {
  return {Random::Distribution::kBernoulli, params.prob(), 0, SeedOf(layer, params.seed()), {}};
}

// The shape is that of an input, the values of an input, or a parameter.

absl::Status FinishLike(Layer& layer, Random op) {
  NBITS_ASSIGN_OR_RETURN(op.shape, layer.InputShape());
  return layer.Finish(std::move(op), {});
}

absl::Status FinishDynamic(Layer& layer, Random op) {
  NBITS_ASSIGN_OR_RETURN(op.shape, ShapeFromInput(layer, 0));
  return layer.Finish(std::move(op), {});
}

template <typename Params>
absl::Status FinishStatic(Layer& layer, Random op, const Params& params) {
  NBITS_ASSIGN_OR_RETURN(op.shape, CheckedShape(AsSpan(params.outputshape())));
  return layer.Finish(std::move(op), {});
}

absl::Status ImportNormalLike(Layer& l) {
  return FinishLike(l, Normal(l, l.proto.randomnormallike()));
}
absl::Status ImportNormalStatic(Layer& l) {
  const auto& params = l.proto.randomnormalstatic();
  return FinishStatic(l, Normal(l, params), params);
}
absl::Status ImportNormalDynamic(Layer& l) {
  return FinishDynamic(l, Normal(l, l.proto.randomnormaldynamic()));
}
absl::Status ImportUniformLike(Layer& l) {
  return FinishLike(l, Uniform(l, l.proto.randomuniformlike()));
}
absl::Status ImportUniformStatic(Layer& l) {
  const auto& params = l.proto.randomuniformstatic();
  return FinishStatic(l, Uniform(l, params), params);
}
absl::Status ImportUniformDynamic(Layer& l) {
  return FinishDynamic(l, Uniform(l, l.proto.randomuniformdynamic()));
}
absl::Status ImportBernoulliLike(Layer& l) {
  return FinishLike(l, Bernoulli(l, l.proto.randombernoullilike()));
}
absl::Status ImportBernoulliStatic(Layer& l) {
  const auto& params = l.proto.randombernoullistatic();
  return FinishStatic(l, Bernoulli(l, params), params);
}
absl::Status ImportBernoulliDynamic(Layer& l) {
  return FinishDynamic(l, Bernoulli(l, l.proto.randombernoullidynamic()));
}

absl::Status ImportCategorical(Layer& layer) {
  const auto& params = layer.proto.categoricaldistribution();
  Categorical op{.logits = params.islogits(), .seed = SeedOf(layer, params.seed())};
  NBITS_ASSIGN_OR_RETURN(
      op.samples, CheckedExtent(static_cast<uint64_t>(params.numsamples()), "number of samples"));
  if (params.eps() != 0) op.epsilon = params.eps();
  if (params.temperature() != 0) op.temperature = params.temperature();
  return layer.Finish(op);
}

}  // namespace

std::span<const LayerKind> RandomLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kRandomNormalLike, "randomNormalLike", ImportNormalLike},
      {L::kRandomNormalStatic, "randomNormalStatic", ImportNormalStatic},
      {L::kRandomNormalDynamic, "randomNormalDynamic", ImportNormalDynamic},
      {L::kRandomUniformLike, "randomUniformLike", ImportUniformLike},
      {L::kRandomUniformStatic, "randomUniformStatic", ImportUniformStatic},
      {L::kRandomUniformDynamic, "randomUniformDynamic", ImportUniformDynamic},
      {L::kRandomBernoulliLike, "randomBernoulliLike", ImportBernoulliLike},
      {L::kRandomBernoulliStatic, "randomBernoulliStatic", ImportBernoulliStatic},
      {L::kRandomBernoulliDynamic, "randomBernoulliDynamic", ImportBernoulliDynamic},
      {L::kCategoricalDistribution, "categoricalDistribution", ImportCategorical},
  };
  return kKinds;
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Random values.
#ifndef NBITS_GRAPH_OPS_RANDOM_H_
#define NBITS_GRAPH_OPS_RANDOM_H_

#include <cstdint>

#include "nbits/tensor.h"

namespace nbits::graph {

// Pseudo-random values; the same seed gives the same values. The format does not say which
// generator: this one is SplitMix64.
struct Random {
  enum class Distribution : uint8_t {
    kUniform,    // In [a, b).
    kNormal,     // Mean a, standard deviation b.
    kBernoulli,  // 1 with probability a, otherwise 0.
  };
  Distribution distribution = Distribution::kUniform;
  float a = 0, b = 1;
  uint64_t seed = 0;
  Shape shape;
};
// Draws along the last axis: `samples` class numbers for each row of probabilities p or, with
// logits, of weights exp(x). Probabilities become logits log(p + epsilon); all are divided by
// `temperature` before the exponential.
struct Categorical {
  int64_t samples = 1;
  bool logits = false;
  float epsilon = 1e-10f, temperature = 1;
  uint64_t seed = 0;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_RANDOM_H_

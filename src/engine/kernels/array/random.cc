// SPDX-License-Identifier: Apache-2.0
// Uniform, normal and Bernoulli values.
#include "engine/kernels/array/random.h"

#include <cmath>
#include <numbers>

#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using Distribution = graph::Random::Distribution;

// Box and Muller's transform, of which the cosine is used. 1 - u is in (0, 1]: no logarithm of 0.
float Normal(RandomNumbers& numbers) {
  const double radius = std::sqrt(-2 * std::log(1.0 - numbers.Uniform()));
  return static_cast<float>(radius * std::cos(2 * std::numbers::pi * numbers.Uniform()));
}

float Draw(const graph::Random& op, RandomNumbers& numbers) {
  switch (op.distribution) {
    case Distribution::kUniform:
      return op.a + (op.b - op.a) * numbers.Uniform();
    case Distribution::kNormal:
      return op.a + op.b * Normal(numbers);
    case Distribution::kBernoulli:
      return numbers.Uniform() < op.a ? 1.0f : 0.0f;
  }
  return 0;
}

}  // namespace

void RunPlain(const graph::Random& op, const Call& call) {
  RandomNumbers numbers(op.seed);
  const int64_t count = graph::Product(op.shape);
  for (int64_t i = 0; i < count; ++i) call.outputs[0].data[i] = Draw(op, numbers);
}

}  // namespace nbits

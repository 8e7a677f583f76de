// SPDX-License-Identifier: Apache-2.0
// Draws from categorical distributions.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/kernels/array/random.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// Sums of exp(logit / temperature), up to and including each class; the largest logit counts 1.
void AddUpWeights(const graph::Categorical& op, const float* row, std::vector<double>& sums) {
  const auto logit = [&op](float x) {
    return (op.logits ? double{x} : std::log(double{x} + op.epsilon)) / op.temperature;
  };
  double largest = -INFINITY, total = 0;
  for (size_t i = 0; i < sums.size(); ++i) largest = std::max(largest, logit(row[i]));
  for (size_t i = 0; i < sums.size(); ++i) {
    total += std::exp(logit(row[i]) - largest);
    sums[i] = total;
  }
}

}  // namespace

void RunPlain(const graph::Categorical& op, const Call& call) {
  RandomNumbers numbers(op.seed);
  std::vector<double> sums(call.inputs[0].shape.back());
  const int64_t classes = static_cast<int64_t>(sums.size());
  const int64_t rows = graph::Product(call.inputs[0].shape) / classes;
  for (int64_t row = 0; row < rows; ++row) {
    AddUpWeights(op, call.inputs[0].data + row * classes, sums);
    for (int64_t i = 0; i < op.samples; ++i) {
      const double point = numbers.Uniform() * sums.back();
      const auto place = std::upper_bound(sums.begin(), sums.end(), point) - sums.begin();
      call.outputs[0].data[row * op.samples + i] =
          static_cast<float>(std::min<int64_t>(place, classes - 1));
    }
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/fold/fold_arithmetic.h"

#include <cmath>
#include <cstddef>

namespace nbits {
namespace {

void ScaleRun(std::span<float> run, double factor) {
  for (float& weight : run) weight = static_cast<float>(static_cast<double>(weight) * factor);
}

double At(std::span<const float> values, size_t i) { return values[values.size() == 1 ? 0 : i]; }

}  // namespace

void ScaleKernel(std::span<float> weights, const KernelLayout& layout,
                 std::span<const double> factor) {
  const int64_t inner = layout.output_channels / (layout.transposed ? layout.groups : 1);
  const int64_t outer = layout.transposed ? layout.input_channels : 1;
  const size_t run = weights.size() / static_cast<size_t>(inner * outer);
  for (int64_t i = 0; i < outer; ++i) {
    // Input channel i belongs to group i / (inputs per group).
    const int64_t group = layout.transposed ? i * layout.groups / outer : 0;
    for (int64_t o = 0; o < inner; ++o) {
      const size_t begin = static_cast<size_t>(i * inner + o) * run;
      ScaleRun(weights.subspan(begin, run), factor[static_cast<size_t>(group * inner + o)]);
    }
  }
}

std::vector<double> BatchnormFactor(const BatchnormParameters& batchnorm) {
  std::vector<double> factor(batchnorm.gamma.size());
  for (size_t c = 0; c < factor.size(); ++c) {
    const double variance = static_cast<double>(batchnorm.variance[c]) + batchnorm.epsilon;
    factor[c] = batchnorm.gamma[c] / std::sqrt(variance);
  }
  return factor;
}

std::vector<float> BatchnormBias(const BatchnormParameters& batchnorm,
                                 std::span<const float> bias) {
  std::vector<float> folded(batchnorm.gamma.size());
  for (size_t c = 0; c < folded.size(); ++c) {
    const double root = std::sqrt(static_cast<double>(batchnorm.variance[c]) + batchnorm.epsilon);
    const double gamma = batchnorm.gamma[c];
    folded[c] = static_cast<float>(gamma * bias[c] / root - gamma * batchnorm.mean[c] / root +
                                   batchnorm.beta[c]);
  }
  return folded;
}

std::vector<float> MultiplyAdd(std::span<const float> a, std::span<const float> b,
                               std::span<const float> c) {
  std::vector<float> result(b.size());
  for (size_t i = 0; i < b.size(); ++i) {
    const double product = At(a, i) * static_cast<double>(b[i]);
    result[i] = static_cast<float>(c.empty() ? product : product + At(c, i));
  }
  return result;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Arithmetic of folding an affine layer into the layer before it.
//
// Everything is computed in double from Float32 values and rounded to Float32 once, in the order of
// operations of coremltools 7.2 (`optimization_utils.py`), so that the results are bit-equal.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_ARITHMETIC_H_
#define NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_ARITHMETIC_H_

#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

// How a kernel's elements belong to output channels.
struct KernelLayout {
  int64_t output_channels = 0;
  // Transposed convolution: [input channels, output channels / groups, height, width]; otherwise
  // the output channel is the outermost axis.
  bool transposed = false;
  int64_t input_channels = 0;  // Transposed only.
  int64_t groups = 1;          // Transposed only.
};

// weights[o, ...] *= factor[o]. `factor` has output_channels values; weights.size() is a multiple
// of output_channels (transposed: of input_channels * output_channels / groups).
void ScaleKernel(std::span<float> weights, const KernelLayout& layout,
                 std::span<const double> factor);

struct BatchnormParameters {
  std::span<const float> gamma, beta, mean, variance;  // One value a channel.
  float epsilon = 0;
};

// gamma / sqrt(variance + epsilon).
std::vector<double> BatchnormFactor(const BatchnormParameters& batchnorm);

// gamma b / sqrt(v) - gamma mean / sqrt(v) + beta, v = variance + epsilon.
std::vector<float> BatchnormBias(const BatchnormParameters& batchnorm, std::span<const float> bias);

// a * b + c per element; `a` and `c` may have a single value, which stands for all. An empty `c`
// is left out (adding 0 would turn -0 into 0).
std::vector<float> MultiplyAdd(std::span<const float> a, std::span<const float> b,
                               std::span<const float> c);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_ARITHMETIC_H_

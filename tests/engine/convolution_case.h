// SPDX-License-Identifier: Apache-2.0
// Convolutions on random values, run by a fast kernel and by the plain one.
#ifndef NBITS_TESTS_ENGINE_CONVOLUTION_CASE_H_
#define NBITS_TESTS_ENGINE_CONVOLUTION_CASE_H_

#include <algorithm>
#include <cmath>
#include <string>

#include "graph/window.h"
#include "nbits/quantize.h"
#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits::testing {

struct ConvolutionCase {
  int64_t inputs = 16, outputs = 16, height = 8, width = 8;
  graph::Window window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
};

inline PackedTensor RandomWeights(const Shape& shape, const QuantizeOptions& options) {
  return *Quantize(RandomValues(graph::Product(shape), 7), shape, options);
}
inline constexpr QuantizeOptions kFloat32Weights = {.mode = Mode::kFloat32, .bits = 32};

// With bias and a scale of each channel.
inline graph::Convolution ConvolutionOf(const ConvolutionCase& c) {
  graph::Convolution op;
  op.window = c.window;
  op.output = *graph::ValidOutput(c.window, {c.height, c.width});
  op.output_channels = c.outputs;
  op.weight = 0;
  op.bias = RandomValues(c.outputs, 5);
  op.scale = RandomValues(c.outputs, 6);
  return op;
}

inline NodeRunner MakeRunner(const ConvolutionCase& c, int64_t batch,
                             const std::optional<graph::Unary>& activation = std::nullopt,
                             const QuantizeOptions& weights = kFloat32Weights) {
  graph::Convolution op = ConvolutionOf(c);
  op.activation = activation;
  const graph::Pair& kernel = c.window.kernel;
  return NodeRunner(op, {{batch, c.inputs, c.height, c.width}},
                    {RandomWeights({c.outputs, c.inputs, kernel[0], kernel[1]}, weights)});
}

// The largest error as a share of the expected values' largest magnitude.
inline float LargestError(const Stored& actual, const Stored& expected) {
  float error = 0, largest = 0;
  for (int64_t i = 0; i < graph::Product(expected.shape); ++i) {
    const float difference = std::abs(actual.data()[i] - expected.data()[i]);
    // NaN must not pass as small.
    error = difference <= error ? error : difference;
    largest = std::max(largest, std::abs(expected.data()[i]));
  }
  return error / largest;
}

// Runs the kernel that the registry chooses when the inputs are in `format`; its name must begin
// with `kernel`.
inline void ExpectConvolution(NodeRunner& runner, const Format& format, const std::string& kernel,
                              float tolerance) {
  if (format == kBlockedHalfFormat) runner.RoundInputs();
  const Stored expected = runner.RunPlainKernel();
  for (int threads : {1, 2}) {
    const std::vector<Format> current(runner.node().inputs.size(), format);
    const Stored actual = runner.RunFastKernel(current, threads);
    EXPECT_TRUE(runner.kernel_name().starts_with(kernel)) << runner.kernel_name();
    EXPECT_LE(LargestError(actual, expected), tolerance) << runner.kernel_name();
  }
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_ENGINE_CONVOLUTION_CASE_H_

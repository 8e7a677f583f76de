// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/fold/fold_arithmetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::Pointwise;

TEST(ScaleKernel, ScalesEachOutputChannel) {
  std::vector<float> weights = {1, 2, 3, 4, 5, 6};
  ScaleKernel(weights, {.output_channels = 2}, std::vector<double>{10, -1});
  EXPECT_THAT(weights, ElementsAre(10, 20, 30, -4, -5, -6));
}

// Shape [2 inputs, 2 outputs, 1, 2]: the output channel is the second axis.
TEST(ScaleKernel, TransposedScalesTheSecondAxis) {
  std::vector<float> weights = {1, 2, 3, 4, 5, 6, 7, 8};
  ScaleKernel(weights, {.output_channels = 2, .transposed = true, .input_channels = 2},
              std::vector<double>{10, 100});
  EXPECT_THAT(weights, ElementsAre(10, 20, 300, 400, 50, 60, 700, 800));
}

// Shape [4 inputs, 4 / 2 outputs, 1, 1]: inputs 0 and 1 feed outputs 0 and 1, the others 2 and 3.
TEST(ScaleKernel, TransposedWithGroupsKnowsEachGroupsChannels) {
  std::vector<float> weights(8, 1.0f);
  ScaleKernel(weights, {.output_channels = 4, .transposed = true, .input_channels = 4, .groups = 2},
              std::vector<double>{1, 2, 3, 4});
  EXPECT_THAT(weights, ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
}

TEST(Batchnorm, FoldedLayerComputesWhatBothDid) {
  const std::vector<float> gamma = {2, -1}, beta = {0.5f, 1}, mean = {3, -2}, variance = {4, 0.25f};
  const BatchnormParameters batchnorm{gamma, beta, mean, variance, 1e-3f};
  const std::vector<float> bias = {1, -1};
  const std::vector<double> factor = BatchnormFactor(batchnorm);
  const std::vector<float> folded = BatchnormBias(batchnorm, bias);
  for (size_t c = 0; c < 2; ++c) {
    const double x = 0.7;  // What the kernel gave.
    const double expected =
        gamma[c] * (x + bias[c] - mean[c]) / std::sqrt(variance[c] + 1e-3) + beta[c];
    EXPECT_NEAR(factor[c] * x + folded[c], expected, 1e-6);
  }
}

TEST(MultiplyAdd, BroadcastsSingleValues) {
  const std::vector<float> two = {2}, values = {1, 2, 3}, per_channel = {1, 10, 100};
  EXPECT_THAT(MultiplyAdd(two, values, per_channel), Pointwise(FloatEq(), {3.0f, 14.0f, 106.0f}));
  EXPECT_THAT(MultiplyAdd(per_channel, values, two), Pointwise(FloatEq(), {3.0f, 22.0f, 302.0f}));
}

TEST(MultiplyAdd, WithoutSummandKeepsNegativeZero) {
  const std::vector<float> product =
      MultiplyAdd(std::vector<float>{1}, std::vector<float>{-0.0f}, {});
  EXPECT_TRUE(std::signbit(product[0]));
}

// The product is rounded once, not to Float32 before the sum.
TEST(MultiplyAdd, ComputesInDouble) {
  const float a = 1.0f + 0x1p-23f;
  const std::vector<float> result =
      MultiplyAdd(std::vector<float>{a}, std::vector<float>{a}, std::vector<float>{-1.0f});
  EXPECT_EQ(result[0], static_cast<float>(static_cast<double>(a) * a - 1.0));
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// The pointwise and depthwise convolutions against the plain ones: strides, dilations and paddings
// of all kinds, both elements, packed weights, every instruction set.
#include <gtest/gtest.h>

#include <optional>

#include "base/threads/core_distance.h"
#include "engine/kernels/pointwise/pointwise_plan.h"
#include "tests/engine/convolution_case.h"

namespace nbits {
namespace {

using graph::Window;
using testing::ConvolutionCase;
using testing::ExpectConvolution;
using testing::kFloatTolerance;
using testing::kHalfTolerance;
using testing::MakeRunner;
using testing::NodeRunner;

constexpr Window kPoint = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};

TEST(PointwiseTest, ChannelsAndSizes) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{16, 16, 13, 29, kPoint}, ConvolutionCase{19, 37, 5, 7, kPoint},
          ConvolutionCase{9, 70, 5, 7, kPoint}, ConvolutionCase{130, 21, 31, 8, kPoint},
          ConvolutionCase{33, 9, 3, 11, kPoint}}) {
      NodeRunner runner = MakeRunner(c, 2, graph::Unary{graph::UnaryFunction::kRelu});
      ExpectConvolution(runner, kBlockedFormat, "pointwise", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "pointwise", kHalfTolerance);
    }
  });
}

TEST(PointwiseTest, StridesAndPaddings) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{16, 16, 13, 12, {{1, 1}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}},
          ConvolutionCase{17, 20, 9, 14, {{1, 1}, {1, 3}, {1, 1}, {1, 0}, {0, 2}}},
          ConvolutionCase{16, 16, 5, 6, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {1, 0}}}}) {
      NodeRunner runner = MakeRunner(c, 2);
      ExpectConvolution(runner, kBlockedFormat, "pointwise", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "pointwise", kHalfTolerance);
    }
  });
}

// More weights than are decoded at once, on a few pixels and on many.
TEST(PointwiseTest, WeightsInChunks) {
  ASSERT_GT(PlanPointwise(1100, 1900, 1, 2).chunks(), 1);
  for (const ConvolutionCase& c :
       {ConvolutionCase{1100, 1900, 3, 7, kPoint}, ConvolutionCase{1100, 1900, 7, 8, kPoint}}) {
    NodeRunner runner = MakeRunner(c, 1);
    ExpectConvolution(runner, kBlockedFormat, "pointwise", kFloatTolerance);
  }
}

// Tiles in place, fetched, short and of a single row; a batch; pairs of blocks and single ones.
TEST(PointwiseTest, StrassenOfWideLayers) {
  ASSERT_TRUE(PlanPointwise(530, 570, 23 * 25, 2).strassen);
  testing::OnEveryTarget([] {
    NodeRunner runner = MakeRunner({530, 570, 23, 25, kPoint}, 1);
    ExpectConvolution(runner, kBlockedFormat, "pointwise", kFloatTolerance);
  });
}

TEST(PointwiseTest, PackedWeights) {
  for (const QuantizeOptions& options : {QuantizeOptions{.bits = 8}, QuantizeOptions{.bits = 3},
                                         QuantizeOptions{.mode = Mode::kKMeansLut, .bits = 4},
                                         QuantizeOptions{.mode = Mode::kFloat16, .bits = 16}}) {
    NodeRunner runner = MakeRunner({67, 50, 6, 5, kPoint}, 1, std::nullopt, options);
    ExpectConvolution(runner, kBlockedFormat, "pointwise", kFloatTolerance);
  }
}

TEST(PointwisePlanTest, SharesPixelsEvenly) {
  // 33 x 33 pixels of 728 channels for two threads: ten tiles of 104 or 112 pixels.
  const PointwisePlan plan = PlanPointwise(728, 728, 33 * 33, 2);
  EXPECT_EQ(plan.input_blocks, 46);
  EXPECT_EQ(plan.chunks(), 1);
  EXPECT_EQ(plan.tiles, 10);
  EXPECT_EQ(plan.tile_pixels, 112);
  EXPECT_EQ(plan.TileBegin(0, 33 * 33), 0);
  EXPECT_EQ(plan.TileBegin(5, 33 * 33), 544);
  EXPECT_EQ(plan.TileBegin(10, 33 * 33), 33 * 33);
  for (int64_t i = 0; i < 10; ++i) {
    const int64_t pixels = plan.TileBegin(i + 1, 33 * 33) - plan.TileBegin(i, 33 * 33);
    EXPECT_LE(pixels, 112);
    EXPECT_GE(pixels, 97);
  }
}

// Tiles that share decoded weights and tiles that do not, in Strassen's form and the plain one.
TEST(PointwiseTest, CoresFarApartAndNear) {
  ASSERT_TRUE(PlanPointwise(150, 160, 30 * 31, 2).strassen);
  ASSERT_TRUE(PlanPointwise(150, 160, 30 * 31, 2).may_own_weights);
  ASSERT_TRUE(PlanPointwise(40, 50, 30 * 31, 2).may_own_weights);
  for (const bool far : {false, true}) {
    AssumeCoresAreFar(far);
    for (const ConvolutionCase& c :
         {ConvolutionCase{150, 160, 30, 31, kPoint}, ConvolutionCase{40, 50, 30, 31, kPoint}}) {
      NodeRunner runner = MakeRunner(c, 2);
      ExpectConvolution(runner, kBlockedFormat, "pointwise", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "pointwise", kHalfTolerance);
    }
  }
  AssumeCoresAreFar(std::nullopt);
}

// ---- Depthwise ----------------------------------------------------------------------------------

NodeRunner MakeDepthwiseRunner(const ConvolutionCase& c, int64_t batch,
                               const QuantizeOptions& weights = testing::kFloat32Weights) {
  graph::Convolution op = testing::ConvolutionOf(c);
  op.groups = c.inputs;
  op.activation = graph::Unary{graph::UnaryFunction::kClip, -1, 1};
  const graph::Pair& kernel = c.window.kernel;
  return NodeRunner(op, {{batch, c.inputs, c.height, c.width}},
                    {testing::RandomWeights({c.inputs, 1, kernel[0], kernel[1]}, weights)});
}

TEST(DepthwiseTest, KernelsStridesAndDilations) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{32, 32, 13, 29, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}},
          ConvolutionCase{19, 19, 14, 30, {{3, 3}, {2, 2}, {1, 1}, {0, 0}, {1, 1}}},
          ConvolutionCase{17, 17, 15, 40, {{3, 3}, {1, 1}, {6, 6}, {6, 6}, {6, 6}}},
          // No pixel sees the whole kernel.
          ConvolutionCase{16, 16, 9, 20, {{3, 3}, {1, 1}, {12, 18}, {12, 18}, {12, 18}}},
          ConvolutionCase{5, 5, 12, 9, {{5, 2}, {3, 1}, {1, 2}, {0, 3}, {5, 0}}},
          ConvolutionCase{2, 2, 4, 3, {{1, 1}, {1, 1}, {1, 1}, {2, 0}, {0, 2}}}}) {
      NodeRunner runner = MakeDepthwiseRunner(c, 2);
      ExpectConvolution(runner, kBlockedFormat, "depthwise", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "depthwise", kHalfTolerance);
    }
  });
}

TEST(DepthwiseTest, PackedWeights) {
  for (const QuantizeOptions& options :
       {QuantizeOptions{.bits = 8}, QuantizeOptions{.mode = Mode::kKMeansLut, .bits = 4},
        QuantizeOptions{.mode = Mode::kFloat16, .bits = 16}}) {
    NodeRunner runner = MakeDepthwiseRunner({40, 40, 9, 17}, 1, options);
    ExpectConvolution(runner, kBlockedFormat, "depthwise", kFloatTolerance);
  }
}

}  // namespace
}  // namespace nbits

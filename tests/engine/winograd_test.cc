// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution against the plain one: odd sizes, dilation, paddings, batches, both
// elements, packed weights, activations, every instruction set.
#include <gtest/gtest.h>

#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/winograd/winograd_plan.h"
#include "tests/engine/convolution_case.h"

namespace nbits {
namespace {

using testing::ConvolutionCase;
using testing::ExpectConvolution;
using testing::kHalfTolerance;
using testing::MakeRunner;
using testing::NodeRunner;
using testing::RandomValues;

constexpr float kWinogradTolerance = 2e-5f;

TEST(WinogradTest, OddSizes) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c : {ConvolutionCase{16, 16, 7, 9}, ConvolutionCase{19, 37, 13, 5},
                                     ConvolutionCase{33, 64, 4, 31}, ConvolutionCase{48, 9, 24, 25},
                                     ConvolutionCase{9, 48, 3, 3}}) {
      NodeRunner runner = MakeRunner(c, 2);
      ExpectConvolution(runner, kBlockedFormat, "winograd", kWinogradTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "winograd", kHalfTolerance);
    }
  });
}

TEST(WinogradTest, LargeImagesInLargeTiles) {
  NodeRunner runner = MakeRunner({32, 32, 66, 67}, 1);
  testing::OnEveryTarget(
      [&] { ExpectConvolution(runner, kBlockedFormat, "winograd 6x6", kWinogradTolerance); });
}

TEST(WinogradTest, DilationAndUnevenPadding) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{16, 16, 16, 17, {{3, 3}, {1, 1}, {2, 2}, {2, 2}, {2, 2}}},
          ConvolutionCase{16, 16, 32, 30, {{3, 3}, {1, 1}, {8, 4}, {8, 0}, {8, 4}}},
          ConvolutionCase{16, 16, 9, 11, {{3, 3}, {1, 1}, {1, 3}, {0, 5}, {2, 1}}}}) {
      NodeRunner runner = MakeRunner(c, 1);
      ExpectConvolution(runner, kBlockedFormat, "winograd", kWinogradTolerance);
    }
  });
}

// More transformed weights than are kept: they are transformed band by band.
TEST(WinogradTest, ManyChannelsOnSmallImages) {
  NodeRunner runner = MakeRunner({400, 250, 9, 10}, 1);
  const auto& op = std::get<graph::Convolution>(runner.node().op);
  EXPECT_EQ(PlanWinograd(op, 400, 2).order, WinogradOrder::kWeightsFirst);
  ExpectConvolution(runner, kBlockedFormat, "winograd", kWinogradTolerance);
}

TEST(WinogradTest, PackedWeights) {
  for (const QuantizeOptions& options :
       {QuantizeOptions{.mode = Mode::kFloat16, .bits = 16}, QuantizeOptions{.bits = 8},
        QuantizeOptions{.bits = 3}, QuantizeOptions{.mode = Mode::kKMeansLut, .bits = 5}}) {
    NodeRunner runner = MakeRunner({35, 20, 12, 12}, 1, std::nullopt, options);
    ExpectConvolution(runner, kBlockedFormat, "winograd", kWinogradTolerance);
  }
}

TEST(WinogradTest, Activations) {
  using F = graph::UnaryFunction;
  // The scale of the sigmoid keeps its argument, whose error counts, below its output.
  for (const graph::Unary& activation :
       {graph::Unary{F::kRelu}, graph::Unary{F::kClip, 0.5f, 6}, graph::Unary{F::kLeakyRelu, 0.1f},
        graph::Unary{F::kLinear, 2, 1}, graph::Unary{F::kSigmoid, 0, 0, 0.03f, 0},
        graph::Unary{F::kRelu, 0, 0, -0.5f, 1}}) {
    SCOPED_TRACE(static_cast<int>(activation.function));
    NodeRunner runner = MakeRunner({16, 21, 10, 11}, 1, activation);
    testing::OnEveryTarget(
        [&] { ExpectConvolution(runner, kBlockedFormat, "winograd", kWinogradTolerance); });
  }
}

TEST(BlockProductTest, AgreesWithPlainSums) {
  const int64_t rows = 29, blocks = 3;
  const std::vector<int64_t> offsets = {0, 2000, 700};
  const std::vector<float> in = RandomValues(4096, 1);
  const int64_t weight_stride = static_cast<int64_t>(offsets.size()) * 256;
  const int64_t out_stride = PaddedRows(rows) * 16;
  const AlignedMemory memory = AllocateAligned(4 * blocks * (weight_stride + 3 * out_stride));
  float* weights = reinterpret_cast<float*>(memory.get());
  float* out = weights + blocks * weight_stride;
  float* expected = out + blocks * out_stride;
  float* start = expected + blocks * out_stride;
  std::ranges::copy(RandomValues(blocks * weight_stride, 2), weights);
  std::ranges::copy(RandomValues(blocks * out_stride, 3), start);
  BlockProduct product{in.data(),     offsets, rows, false,      weights,
                       weight_stride, blocks,  out,  out_stride, nullptr};
  testing::OnEveryTarget([&] {
    for (int mode = 0; mode < 6; ++mode) {
      product.double_rows = mode % 2 == 1;
      product.start = mode / 2 == 0 ? nullptr : mode / 2 == 1 ? out : start;
      std::fill_n(out, 2 * blocks * out_stride, 0.5f);
      RunBlockProduct(product);
      BlockProduct plain = product;
      plain.out = expected;
      if (plain.start == out) plain.start = expected;
      reference::RunBlockProduct(plain);
      for (int64_t b = 0; b < blocks; ++b) {
        for (int64_t i = b * out_stride; i < b * out_stride + rows * 16; ++i) {
          ASSERT_NEAR(out[i], expected[i], 2e-5f) << i;
        }
      }
    }
  });
}

}  // namespace
}  // namespace nbits

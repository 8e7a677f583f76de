// The convolutions on blocked tensors against the plain one: odd sizes, dilation, paddings,
// batches, both elements, packed weights, fused sources, residual and activation, every instruction
// set.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/kernels/block_product.h"
#include "engine/kernels/winograd_plan.h"
#include "nbits/quantize.h"
#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using graph::Convolution;
using testing::NodeRunner;
using testing::RandomValues;

PackedTensor RandomWeights(const Shape& shape,
                           const QuantizeOptions& options = {.mode = Mode::kFloat32, .bits = 32}) {
  return *Quantize(RandomValues(graph::Product(shape), 7), shape, options);
}

// Errors are told as a share of the output's largest magnitude.
float LargestError(const testing::Stored& actual, const testing::Stored& expected) {
  float error = 0, largest = 0;
  for (int64_t i = 0; i < graph::Product(expected.shape); ++i) {
    const float difference = std::abs(actual.data()[i] - expected.data()[i]);
    // NaN must not pass as small.
    error = difference <= error ? error : difference;
    largest = std::max(largest, std::abs(expected.data()[i]));
  }
  return error / largest;
}

struct Case {
  int64_t batch = 1, inputs = 16, outputs = 16, height = 8, width = 8;
  graph::Pair dilation = {1, 1}, pad_begin = {1, 1}, pad_end = {1, 1};
};

Convolution ConvolutionOf(const Case& c) {
  Convolution op;
  op.window = {{3, 3}, {1, 1}, c.dilation, c.pad_begin, c.pad_end};
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t extent = axis == 0 ? c.height : c.width;
    op.output[axis] = extent + c.pad_begin[axis] + c.pad_end[axis] - 2 * c.dilation[axis];
  }
  op.output_channels = c.outputs;
  op.weight = 0;
  op.bias = RandomValues(c.outputs, 5);
  op.scale = RandomValues(c.outputs, 6);
  return op;
}

void ExpectAgreement(NodeRunner& runner, const Format& format, float tolerance) {
  if (format == kBlockedHalfFormat) runner.RoundInputs();
  const auto expected = runner.RunPlainKernel();
  for (int threads : {1, 2}) {
    const std::vector<Format> current(runner.node().inputs.size(), format);
    const auto actual = runner.RunFastKernel(current, threads);
    EXPECT_TRUE(runner.kernel_name().starts_with("winograd")) << runner.kernel_name();
    EXPECT_LE(LargestError(actual, expected), tolerance) << runner.kernel_name();
  }
}

constexpr float kTolerance = 2e-5f;
constexpr float kHalfTolerance = 1e-3f;  // Half precision rounds the output by 2^-11.

TEST(WinogradTest, OddSizes) {
  testing::OnEveryTarget([] {
    for (const Case& c : {Case{.inputs = 16, .outputs = 16, .height = 7, .width = 9},
                          Case{.batch = 2, .inputs = 19, .outputs = 37, .height = 13, .width = 5},
                          Case{.inputs = 33, .outputs = 64, .height = 4, .width = 31},
                          Case{.inputs = 48, .outputs = 9, .height = 24, .width = 25},
                          Case{.inputs = 9, .outputs = 48, .height = 3, .width = 3}}) {
      NodeRunner runner(ConvolutionOf(c), {{c.batch, c.inputs, c.height, c.width}},
                        {RandomWeights({c.outputs, c.inputs, 3, 3})});
      ExpectAgreement(runner, kBlockedFormat, kTolerance);
      ExpectAgreement(runner, kBlockedHalfFormat, kHalfTolerance);
    }
  });
}

TEST(WinogradTest, LargeImagesInLargeTiles) {
  const Case c{.inputs = 32, .outputs = 32, .height = 66, .width = 67};
  NodeRunner runner(ConvolutionOf(c), {{c.inputs, c.height, c.width}},
                    {RandomWeights({c.outputs, c.inputs, 3, 3})});
  testing::OnEveryTarget([&] {
    ExpectAgreement(runner, kBlockedFormat, kTolerance);
    EXPECT_EQ(runner.kernel_name(), "winograd 6x6");
  });
}

TEST(WinogradTest, DilationAndUnevenPadding) {
  testing::OnEveryTarget([] {
    for (const Case& c : {Case{.height = 16,
                         .width = 17,
                         .dilation = {2, 2},
                         .pad_begin = {2, 2},
                         .pad_end = {2, 2}},
                          Case{.height = 32,
                          .width = 30,
                          .dilation = {8, 4},
                          .pad_begin = {8, 0},
                          .pad_end = {8, 4}},
                          Case{.height = 9,
                          .width = 11,
                          .dilation = {1, 3},
                          .pad_begin = {0, 5},
                          .pad_end = {2, 1}}}) {
      NodeRunner runner(ConvolutionOf(c), {{c.inputs, c.height, c.width}},
                        {RandomWeights({c.outputs, c.inputs, 3, 3})});
      ExpectAgreement(runner, kBlockedFormat, kTolerance);
    }
  });
}

// More transformed weights than are kept: they are transformed band by band.
TEST(WinogradTest, ManyChannelsOnSmallImages) {
  const Case c{.inputs = 400, .outputs = 250, .height = 9, .width = 10};
  NodeRunner runner(ConvolutionOf(c), {{c.inputs, c.height, c.width}},
                    {RandomWeights({c.outputs, c.inputs, 3, 3})});
  const Convolution& op = std::get<Convolution>(runner.node().op);
  EXPECT_EQ(PlanWinograd(op, c.inputs, 2).order, WinogradOrder::kWeightsFirst);
  ExpectAgreement(runner, kBlockedFormat, kTolerance);
}

TEST(WinogradTest, PackedWeights) {
  const Case c{.inputs = 35, .outputs = 20, .height = 12, .width = 12};
  for (const QuantizeOptions& options :
       {QuantizeOptions{.mode = Mode::kFloat16, .bits = 16}, QuantizeOptions{.bits = 8},
        QuantizeOptions{.bits = 3}, QuantizeOptions{.mode = Mode::kKMeansLut, .bits = 5}}) {
    NodeRunner runner(ConvolutionOf(c), {{c.inputs, c.height, c.width}},
                      {RandomWeights({c.outputs, c.inputs, 3, 3}, options)});
    ExpectAgreement(runner, kBlockedFormat, kTolerance);
  }
}

TEST(WinogradTest, Activations) {
  using F = graph::UnaryFunction;
  const Case c{.inputs = 16, .outputs = 21, .height = 10, .width = 11};
  // The scale of the sigmoid keeps its argument, whose error counts, below its output.
  for (const graph::Unary& activation :
       {graph::Unary{F::kRelu}, graph::Unary{F::kClip, 0.5f, 6}, graph::Unary{F::kLeakyRelu, 0.1f},
        graph::Unary{F::kLinear, 2, 1}, graph::Unary{F::kSigmoid, 0, 0, 0.03f, 0},
        graph::Unary{F::kRelu, 0, 0, -0.5f, 1}}) {
    SCOPED_TRACE(static_cast<int>(activation.function));
    Convolution op = ConvolutionOf(c);
    op.activation = activation;
    NodeRunner runner(op, {{c.inputs, c.height, c.width}},
                      {RandomWeights({c.outputs, c.inputs, 3, 3})});
    testing::OnEveryTarget([&] { ExpectAgreement(runner, kBlockedFormat, kTolerance); });
  }
}

TEST(BlockProductTest, AgreesWithPlainSums) {
  const int64_t rows = 29, blocks = 3;
  const std::vector<int64_t> offsets = {0, 2000, 700};
  const std::vector<float> in = RandomValues(4096, 1);
  const int64_t weight_stride = static_cast<int64_t>(offsets.size()) * 256;
  const int64_t out_stride = PaddedRows(rows) * 16;
  const AlignedMemory memory = AllocateAligned(4 * blocks * (weight_stride + 2 * out_stride));
  float* weights = reinterpret_cast<float*>(memory.get());
  float* out = weights + blocks * weight_stride;
  float* expected = out + blocks * out_stride;
  std::ranges::copy(RandomValues(blocks * weight_stride, 2), weights);
  BlockProduct product{in.data(),     offsets, rows, false,      weights,
                       weight_stride, blocks,  out,  out_stride, false};
  testing::OnEveryTarget([&] {
    for (int mode = 0; mode < 4; ++mode) {
      product.double_rows = mode % 2 == 1;
      product.accumulate = mode / 2 == 1;
      std::fill_n(out, 2 * blocks * out_stride, 0.5f);
      RunBlockProduct(product);
      BlockProduct plain = product;
      plain.out = expected;
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

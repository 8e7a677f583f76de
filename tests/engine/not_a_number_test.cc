// SPDX-License-Identifier: Apache-2.0
// Values that are no numbers: plain and fast kernels, on every set of vectors, give them where
// NumPy does. Functions of NaN are NaN, the larger or smaller of NaN and anything is NaN.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/engine/convolution_case.h"

namespace nbits {
namespace {

using graph::Op;
using graph::Unary;
using testing::NodeRunner;
using testing::Stored;
using F = graph::UnaryFunction;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A NaN every eleven values, and an infinity of either sign.
void AddOddValues(Stored& input) {
  for (int64_t i = 0; i < graph::Product(input.shape); i += 11) input.data()[i] = kNan;
  if (graph::Product(input.shape) < 8) return;
  input.data()[3] = kInfinity;
  input.data()[7] = -kInfinity;
}

// Of finite values, 1 at least.
float LargestOf(const Stored& stored) {
  float largest = 1;
  for (int64_t i = 0; i < graph::Product(stored.shape); ++i) {
    const float magnitude = std::abs(stored.data()[i]);
    if (std::isfinite(magnitude)) largest = std::max(largest, magnitude);
  }
  return largest;
}

// What is NaN in one is in the other, and so are infinities; others are within `tolerance` of the
// largest.
void ExpectSameKinds(const Stored& actual, const Stored& expected, float tolerance) {
  ASSERT_EQ(actual.shape, expected.shape);
  const float largest = LargestOf(expected);
  for (int64_t i = 0; i < graph::Product(expected.shape); ++i) {
    const float want = expected.data()[i], got = actual.data()[i];
    if (want == got || (std::isnan(want) && std::isnan(got))) continue;
    ASSERT_LE(std::abs(got - want), tolerance * largest)
        << "value " << i << ": " << got << " instead of " << want;
  }
}

void ExpectAgreement(NodeRunner& runner, const std::vector<Format>& formats) {
  for (const Format& format : formats) {
    const bool half = format == kBlockedHalfFormat;
    if (half) runner.RoundInputs();
    const Stored expected = runner.RunPlainKernel();
    testing::OnEveryTarget([&] {
      const std::vector<Format> current(runner.node().inputs.size(), format);
      const Stored actual = runner.RunFastKernel(current, 2);
      ExpectSameKinds(actual, expected, half ? testing::kHalfTolerance : testing::kFloatTolerance);
    });
  }
}

void ExpectAgreementOf(const Op& op, const std::vector<Shape>& shapes) {
  NodeRunner runner(op, shapes);
  for (size_t i = 0; i < shapes.size(); ++i) AddOddValues(runner.input(i));
  ExpectAgreement(runner, {kPlanarFormat, kBlockedFormat, kBlockedHalfFormat});
}

const Unary kFunctions[] = {Unary{F::kLinear, 2, 1},
                            Unary{F::kRelu},
                            Unary{F::kLeakyRelu, 0.1f},
                            Unary{F::kThresholdedRelu, 0.5f},
                            Unary{F::kClip, -0.5f, 0.6f},
                            Unary{F::kTanh},
                            Unary{F::kScaledTanh, 1.5f, 0.5f},
                            Unary{F::kSigmoid},
                            Unary{F::kHardSigmoid, 0.2f, 0.5f},
                            Unary{F::kElu, 0.7f},
                            Unary{F::kSoftsign},
                            Unary{F::kSoftplus},
                            Unary{F::kExp},
                            Unary{F::kLog},
                            Unary{F::kAbs},
                            Unary{F::kThreshold, 0.25f},
                            Unary{F::kClampedRelu, 0.5f, 0.25f},
                            Unary{F::kGelu},
                            Unary{F::kGeluTanh},
                            Unary{F::kGeluSigmoid},
                            Unary{F::kSign},
                            Unary{F::kRound},
                            Unary{F::kRelu, 0, 0, 2, 0.5f}};

TEST(NotANumberTest, FunctionsOfOneValue) {
  for (const Unary& op : kFunctions) {
    SCOPED_TRACE(static_cast<int>(op.function));
    NodeRunner runner(op, {{19, 3, 7}});
    AddOddValues(runner.input(0));
    const Stored out = runner.RunPlainKernel();
    for (int64_t i = 0; i < 19 * 3 * 7; i += 11) ASSERT_TRUE(std::isnan(out.data()[i])) << i;
    ExpectAgreementOf(op, {{19, 3, 7}});
  }
}

TEST(NotANumberTest, TheLargerAndTheSmallerOfTwo) {
  using B = graph::BinaryOperation;
  for (const B operation : {B::kMinimum, B::kMaximum}) {
    for (const bool first : {true, false}) {
      NodeRunner runner(graph::Binary{operation}, {{16, 1, 2}, {16, 1, 2}});
      runner.input(first ? 0 : 1).data()[5] = kNan;
      const Stored out = runner.RunPlainKernel();
      for (int64_t i = 0; i < 32; ++i) EXPECT_EQ(std::isnan(out.data()[i]), i == 5);
      ExpectAgreement(runner, {kPlanarFormat, kBlockedFormat, kBlockedHalfFormat});
    }
  }
}

TEST(NotANumberTest, BinaryOperations) {
  using B = graph::BinaryOperation;
  for (const B operation :
       {B::kAdd, B::kSubtract, B::kMultiply, B::kMinimum, B::kMaximum, B::kPower, B::kLess}) {
    ExpectAgreementOf(graph::Binary{operation}, {{20, 5, 7}, {20, 5, 7}});
    ExpectAgreementOf(graph::Binary{operation}, {{2, 20, 5, 7}, {2, 20, 1, 1}});
    ExpectAgreementOf(graph::Binary{operation}, {{20, 1, 1}, {20, 5, 7}});
  }
}

TEST(NotANumberTest, Pools) {
  for (const graph::PoolFunction function :
       {graph::PoolFunction::kMaximum, graph::PoolFunction::kAverage, graph::PoolFunction::kL2}) {
    const graph::Pool op{function, {{3, 2}, {2, 1}, {1, 1}, {1, 0}, {1, 1}}, {5, 11}, true};
    ExpectAgreementOf(op, {{2, 18, 9, 11}});
  }
}

TEST(NotANumberTest, TheMaximumOfAWindow) {
  for (int64_t place = 0; place < 4; ++place) {
    NodeRunner runner(graph::Pool{graph::PoolFunction::kMaximum, {{2, 2}, {2, 2}}, {1, 1}},
                      {{16, 2, 2}});
    runner.input(0).data()[place] = kNan;
    const Stored out = runner.RunPlainKernel();
    EXPECT_TRUE(std::isnan(out.data()[0])) << place;
    EXPECT_FALSE(std::isnan(out.data()[1]));
    ExpectAgreement(runner, {kPlanarFormat, kBlockedFormat, kBlockedHalfFormat});
  }
}

TEST(NotANumberTest, Reductions) {
  using R = graph::ReduceOperation;
  for (const R operation : {R::kSum, R::kMean, R::kProduct, R::kSumOfSquares, R::kL1, R::kL2,
                            R::kMaximum, R::kMinimum, R::kLogSumExp}) {
    NodeRunner runner(graph::Reduce{operation, {1}}, {{2, 5}});
    runner.input(0).data()[2] = kNan;
    const Stored out = runner.RunPlainKernel();
    EXPECT_TRUE(std::isnan(out.data()[0])) << static_cast<int>(operation);
    EXPECT_FALSE(std::isnan(out.data()[1])) << static_cast<int>(operation);
  }
}

TEST(NotANumberTest, ChannelFunctions) {
  const std::vector<float> a = testing::RandomValues(21, 7), b = testing::RandomValues(21, 8);
  using A = graph::ChannelActivation;
  ExpectAgreementOf(graph::ChannelAffine{a, b}, {{2, 21, 3, 5}});
  ExpectAgreementOf(A{A::Function::kParametricRelu, 0, a}, {{21, 3, 5}});
  ExpectAgreementOf(A{A::Function::kParametricSoftplus, 0, a, b}, {{21, 3, 5}});
}

// A convolution and its activation, in all the kernels: one pixel is NaN.
void ExpectConvolution(const graph::Convolution& op, const Shape& input, const Shape& weights) {
  for (const Unary& activation :
       {Unary{F::kRelu}, Unary{F::kClip, 0, 6}, Unary{F::kLeakyRelu, 0.1f}, Unary{F::kSigmoid},
        Unary{F::kHardSigmoid, 0.2f, 0.5f}, Unary{F::kLinear, 2, 1}}) {
    SCOPED_TRACE(static_cast<int>(activation.function));
    graph::Convolution active = op;
    active.activation = activation;
    NodeRunner runner(active, {input}, {testing::RandomWeights(weights, testing::kFloat32Weights)});
    runner.input(0).data()[graph::Product(input) / 2] = kNan;
    ExpectAgreement(runner, {kPlanarFormat, kBlockedFormat});
  }
}

TEST(NotANumberTest, Convolutions) {
  const testing::ConvolutionCase pointwise = {16, 24, 6, 7, {{1, 1}, {1, 1}}};
  ExpectConvolution(testing::ConvolutionOf(pointwise), {1, 16, 6, 7}, {24, 16, 1, 1});
  const testing::ConvolutionCase direct = {16, 24, 9, 9, {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}};
  ExpectConvolution(testing::ConvolutionOf(direct), {1, 16, 9, 9}, {24, 16, 3, 3});
  const testing::ConvolutionCase few = {16, 3, 9, 9, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}};
  ExpectConvolution(testing::ConvolutionOf(few), {1, 16, 9, 9}, {3, 16, 3, 3});
}

TEST(NotANumberTest, DepthwiseConvolutions) {
  testing::ConvolutionCase c = {20, 20, 9, 9, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}};
  graph::Convolution op = testing::ConvolutionOf(c);
  op.groups = 20;
  ExpectConvolution(op, {1, 20, 9, 9}, {20, 1, 3, 3});
}

TEST(NotANumberTest, GroupedAndTransposedConvolutions) {
  testing::ConvolutionCase c = {12, 8, 9, 9, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}};
  graph::Convolution grouped = testing::ConvolutionOf(c);
  grouped.groups = 4;
  ExpectConvolution(grouped, {1, 12, 9, 9}, {8, 3, 3, 3});
  graph::Convolution transposed = testing::ConvolutionOf(c);
  transposed.transposed = true;
  transposed.output = {9, 9};
  ExpectConvolution(transposed, {1, 12, 9, 9}, {12, 8, 3, 3});
}

TEST(NotANumberTest, InnerProducts) {
  for (const Unary& activation : {Unary{F::kRelu}, Unary{F::kClip, 0, 6}, Unary{F::kSigmoid}}) {
    graph::InnerProduct op;
    op.input_channels = 8;
    op.output_channels = 5;
    op.weight = 0;
    op.output_shape = {2, 5};
    op.activation = activation;
    NodeRunner runner(op, {{2, 8}}, {testing::RandomWeights({5, 8}, testing::kFloat32Weights)});
    runner.input(0).data()[9] = kNan;
    ExpectAgreement(runner, {kPlanarFormat});
  }
}

// Winograd's form gives a NaN to all outputs of its tile; none is lost.
TEST(NotANumberTest, WinogradLosesNone) {
  const testing::ConvolutionCase c = {16, 16, 20, 20};
  NodeRunner runner = testing::MakeRunner(c, 1, Unary{F::kRelu});
  runner.input(0).data()[210] = kNan;
  const Stored expected = runner.RunPlainKernel();
  testing::OnEveryTarget([&] {
    const Stored actual = runner.RunFastKernel({kBlockedFormat}, 1);
    EXPECT_TRUE(runner.kernel_name().starts_with("winograd")) << runner.kernel_name();
    for (int64_t i = 0; i < graph::Product(expected.shape); ++i) {
      if (std::isnan(expected.data()[i])) {
        ASSERT_TRUE(std::isnan(actual.data()[i])) << i;
      }
    }
  });
}

}  // namespace
}  // namespace nbits

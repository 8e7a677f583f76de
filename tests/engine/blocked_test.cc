// SPDX-License-Identifier: Apache-2.0
// The kernels that work on any format against the plain ones: odd sizes, both elements, one and
// two threads, every instruction set of this machine.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using graph::Op;
using graph::Pool;
using graph::PoolFunction;
using graph::UnaryFunction;
using testing::kFloatTolerance;
using testing::kHalfTolerance;
using testing::NodeRunner;

// In the blocked formats; the output has the inputs' format.
void ExpectAgreement(const Op& op, const std::vector<Shape>& shapes) {
  for (const Format& format : {kBlockedFormat, kBlockedHalfFormat}) {
    const bool half = format == kBlockedHalfFormat;
    SCOPED_TRACE(half ? "Float16" : "Float32");
    NodeRunner runner(op, shapes);
    if (half) runner.RoundInputs();
    const auto expected = runner.RunPlainKernel();
    for (int threads : {1, 2}) {
      NodeFormats formats;
      const auto actual =
          runner.RunFastKernel(std::vector<Format>(shapes.size(), format), threads, &formats);
      EXPECT_EQ(formats.outputs[0], format);
      EXPECT_NE(runner.kernel_name(), "plain");
      ExpectNear(actual, expected, half ? kHalfTolerance : kFloatTolerance);
    }
  }
}

void ExpectAgreementOnEveryTarget(const Op& op, const std::vector<Shape>& shapes) {
  testing::OnEveryTarget([&] { ExpectAgreement(op, shapes); });
}

TEST(BlockedTest, UnaryFunctions) {
  using F = UnaryFunction;
  for (const graph::Unary& op :
       {graph::Unary{F::kRelu}, graph::Unary{F::kLinear, 2, 0.5f}, graph::Unary{F::kSigmoid},
        graph::Unary{F::kTanh}, graph::Unary{F::kElu, 0.7f}, graph::Unary{F::kLeakyRelu, 0.1f},
        graph::Unary{F::kClip, -0.5f, 0.6f}, graph::Unary{F::kThreshold, 0.25f},
        graph::Unary{F::kHardSigmoid, 0.2f, 0.5f}, graph::Unary{F::kAbs},
        graph::Unary{F::kScaledTanh, 1.5f, 0.5f}, graph::Unary{F::kSoftplus},
        graph::Unary{F::kGeluTanh}, graph::Unary{F::kGeluSigmoid}, graph::Unary{F::kExp},
        graph::Unary{F::kRelu, 0, 0, 2, 0.5f}}) {
    SCOPED_TRACE(static_cast<int>(op.function));
    ExpectAgreementOnEveryTarget(op, {{2, 19, 5, 7}});
  }
}

TEST(BlockedTest, UnaryFunctionsOfPlanarTensorsOfAnyLength) {
  testing::OnEveryTarget([] {
    for (int64_t count : {1, 3, 15, 16, 17, 4097}) {
      NodeRunner runner(graph::Unary{UnaryFunction::kSigmoid}, {{count}});
      ExpectNear(runner.RunFastKernel({kPlanarFormat}, 2), runner.RunPlainKernel(),
                 kFloatTolerance);
    }
  });
}

TEST(BlockedTest, UnaryFunctionsFarOut) {
  testing::OnEveryTarget([] {
    for (float x : {-1e30f, -200.0f, -88.5f, 88.5f, 200.0f, 1e30f}) {
      for (UnaryFunction function : {UnaryFunction::kSigmoid, UnaryFunction::kTanh,
                                     UnaryFunction::kElu, UnaryFunction::kSoftplus}) {
        // All inputs become x.
        NodeRunner runner(graph::Unary{function, 1, 0, 0, x}, {{16, 1, 3}});
        ExpectNear(runner.RunFastKernel({kBlockedFormat}, 1), runner.RunPlainKernel(),
                   kFloatTolerance);
      }
    }
  });
}

TEST(BlockedTest, ChannelFunctions) {
  const std::vector<float> a = testing::RandomValues(21, 7), b = testing::RandomValues(21, 8);
  ExpectAgreementOnEveryTarget(graph::ChannelAffine{a, b}, {{2, 21, 3, 5}});
  using A = graph::ChannelActivation;
  ExpectAgreementOnEveryTarget(A{A::Function::kParametricRelu, 0, a}, {{21, 3, 5}});
  ExpectAgreementOnEveryTarget(A{A::Function::kParametricRelu, 0, {0.2f}}, {{21, 3, 5}});
}

TEST(BlockedTest, BinaryOperations) {
  using B = graph::BinaryOperation;
  for (B operation : {B::kAdd, B::kSubtract, B::kMultiply, B::kMinimum, B::kMaximum}) {
    const graph::Binary op{operation};
    ExpectAgreementOnEveryTarget(op, {{20, 5, 7}, {20, 5, 7}});
    ExpectAgreementOnEveryTarget(op, {{2, 20, 5, 7}, {2, 20, 1, 1}});
    ExpectAgreementOnEveryTarget(op, {{20, 1, 1}, {20, 5, 7}});
  }
}

TEST(BlockedTest, BinaryOperationsWithOneValue) {
  for (const auto& shapes : {std::vector<Shape>{{20, 5, 7}, {1, 1, 1}}, {{1, 1, 1}, {20, 5, 7}}}) {
    NodeRunner runner(graph::Binary{graph::BinaryOperation::kDivide}, shapes);
    NodeFormats formats;
    const std::vector<Format> current = {
        graph::Product(shapes[0]) == 1 ? kPlanarFormat : kBlockedFormat,
        graph::Product(shapes[1]) == 1 ? kPlanarFormat : kBlockedFormat};
    const auto actual = runner.RunFastKernel(current, 2, &formats);
    EXPECT_EQ(formats.outputs[0], kBlockedFormat);
    // Dividing by values near 0 magnifies nothing but the result itself.
    ExpectNear(actual, runner.RunPlainKernel(), kFloatTolerance);
  }
}

TEST(BlockedTest, OtherBroadcastsStayPlanar) {
  NodeRunner runner(graph::Binary{}, {{20, 5, 7}, {5, 7}});
  NodeFormats formats;
  const auto actual = runner.RunFastKernel({kBlockedFormat, kPlanarFormat}, 1, &formats);
  EXPECT_TRUE(AllPlanar(formats));
  ExpectNear(actual, runner.RunPlainKernel(), kFloatTolerance);
}

Pool MakePool(PoolFunction function, graph::Pair kernel, graph::Pair stride, graph::Pair begin,
              graph::Pair end, const graph::Pair& input, bool exclude_padding) {
  Pool op{function, {kernel, stride, {1, 1}, begin, end}, {1, 1}, exclude_padding};
  for (int axis = 0; axis < 2; ++axis) {
    op.output[axis] = (input[axis] + begin[axis] + end[axis] - kernel[axis]) / stride[axis] + 1;
  }
  return op;
}

TEST(BlockedTest, Pools) {
  const graph::Pair input = {9, 11};
  for (PoolFunction function :
       {PoolFunction::kMaximum, PoolFunction::kAverage, PoolFunction::kL2}) {
    for (bool exclude : {false, true}) {
      const auto check = [&](graph::Pair kernel, graph::Pair stride, graph::Pair begin,
                             graph::Pair end) {
        const Pool op = MakePool(function, kernel, stride, begin, end, input, exclude);
        ExpectAgreementOnEveryTarget(op, {{2, 18, input[0], input[1]}});
      };
      check({2, 2}, {2, 2}, {0, 0}, {0, 0});
      check({3, 3}, {2, 2}, {1, 0}, {1, 1});
      check({3, 2}, {1, 3}, {2, 1}, {0, 1});
      check(input, {1, 1}, {0, 0}, {0, 0});
    }
  }
}

graph::Resize MakeResize(bool bilinear, const graph::Pair& input, const graph::Pair& output) {
  graph::Resize op{.bilinear = bilinear, .output = output};
  for (int axis = 0; axis < 2; ++axis) {
    const double step = static_cast<double>(input[axis]) / static_cast<double>(output[axis]);
    op.start[axis] = bilinear ? 0.5 * step - 0.5 : 0;
    op.step[axis] = step;
  }
  return op;
}

TEST(BlockedTest, Resizes) {
  for (bool bilinear : {false, true}) {
    for (const graph::Pair& output : {graph::Pair{10, 14}, {3, 4}, {17, 5}, {1, 1}}) {
      const graph::Resize op = MakeResize(bilinear, {5, 7}, output);
      ExpectAgreementOnEveryTarget(op, {{2, 18, 5, 7}});
      testing::OnEveryTarget([&] {
        NodeRunner runner(op, {{2, 3, 5, 7}});
        ExpectNear(runner.RunFastKernel({kPlanarFormat}, 2), runner.RunPlainKernel(),
                   kFloatTolerance);
        EXPECT_NE(runner.kernel_name(), "plain");
      });
    }
  }
}

TEST(BlockedTest, IndicesOfExtremes) {
  testing::OnEveryTarget([] {
    for (const bool largest : {true, false}) {
      for (const Shape& shape : {Shape{21, 13, 5}, Shape{2, 3, 1500}, Shape{1, 7}}) {
        NodeRunner runner(graph::ArgExtreme{largest, static_cast<int>(shape.size()) - 2}, {shape});
        // Equal values, and some that are not numbers.
        float* values = runner.input(0).data();
        for (int64_t i = 0; i < graph::Product(shape); ++i) values[i] = std::round(values[i]);
        for (int64_t i = 0; i < graph::Product(shape); i += 17) values[i] = std::nanf("");
        const auto expected = runner.RunPlainKernel();
        for (int threads : {1, 2}) {
          ExpectNear(runner.RunFastKernel({kPlanarFormat}, threads), expected, 0);
          EXPECT_EQ(runner.kernel_name(), "rows");
        }
      }
    }
  });
}

TEST(BlockedTest, Concatenations) {
  for (const Shape& last : {Shape{2, 16, 3, 5}, Shape{2, 5, 3, 5}}) {
    ExpectAgreement(graph::Concat{1}, {{2, 32, 3, 5}, {2, 16, 3, 5}, last});
  }
}

TEST(BlockedTest, ConcatenationsWithinABlockStayPlanar) {
  NodeRunner runner(graph::Concat{0}, {{12, 3, 5}, {16, 3, 5}});
  NodeFormats formats;
  runner.RunFastKernel({kBlockedFormat, kBlockedFormat}, 1, &formats);
  EXPECT_TRUE(AllPlanar(formats));
}

TEST(BlockedTest, Conversions) {
  const Format all[] = {kPlanarFormat, kBlockedFormat, kBlockedHalfFormat};
  for (const Format& from : all) {
    for (const Format& to : all) {
      NodeRunner runner(graph::Reformat{}, {{2, 19, 9, 15}});
      runner.RoundInputs();
      ExpectNear(runner.RunAs({{from}, {to}}, 2), runner.RunPlainKernel(), 0);
      EXPECT_NE(runner.kernel_name(), "plain");
    }
  }
}

}  // namespace
}  // namespace nbits

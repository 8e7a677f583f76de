// SPDX-License-Identifier: Apache-2.0
// Convolution in integer arithmetic against the plain one in Float32. On inputs that lie on every
// run's grid of 256 values nothing is rounded: both are the same but for Float32's rounding.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "nbits/compress.h"
#include "tests/engine/convolution_case.h"
#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::ConvolutionCase;
using testing::ExpectConvolution;
using testing::Fill;
using testing::kFloatTolerance;
using testing::kHalfTolerance;
using testing::MakeRunner;
using testing::NodeRunner;
using testing::RandomValues;
using testing::Set;
using testing::TestNetwork;

Tensor RandomTensor(const Shape& shape, unsigned seed) {
  return {shape, RandomValues(graph::Product(shape), seed)};
}

// Whole numbers of -128..127, the ends so often that every run of pixels has both.
void FillExactly(testing::Stored& input) {
  std::mt19937 random(11);
  for (int64_t i = 0; i < graph::Product(input.shape); ++i) {
    const int choice = static_cast<int>(random() % 4);
    const int value = choice == 0   ? -128
                      : choice == 1 ? 127
                                    : static_cast<int>(random() % 256) - 128;
    input.data()[i] = static_cast<float>(value);
  }
}

NodeRunner MakeExactRunner(const ConvolutionCase& c, int bits) {
  NodeRunner runner = MakeRunner(c, 2, graph::Unary{graph::UnaryFunction::kRelu}, {.bits = bits});
  runner.options().compute = Compute::kInt8;
  FillExactly(runner.input(0));
  return runner;
}

TEST(Int8Test, Pointwise) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{20, 35, 11, 13, {{1, 1}}}, ConvolutionCase{64, 16, 1, 1, {{1, 1}}},
          ConvolutionCase{17, 50, 9, 12, {{1, 1}, {2, 2}}},
          ConvolutionCase{33, 18, 5, 5, {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}}}) {
      NodeRunner runner = MakeExactRunner(c, 8), narrow = MakeExactRunner(c, 3);
      ExpectConvolution(runner, kBlockedFormat, "int8", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "int8", kHalfTolerance);
      ExpectConvolution(narrow, kPlanarFormat, "int8", kFloatTolerance);
    }
  });
}

TEST(Int8Test, KernelsAndStrides) {
  testing::OnEveryTarget([] {
    for (const ConvolutionCase& c :
         {ConvolutionCase{20, 35, 11, 53, {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}},
          ConvolutionCase{33, 16, 9, 12, {{5, 5}, {1, 1}, {1, 1}, {2, 2}, {2, 2}}},
          ConvolutionCase{17, 18, 12, 9, {{7, 1}, {1, 2}, {1, 1}, {3, 0}, {3, 0}}},
          ConvolutionCase{16, 16, 30, 31, {{3, 3}, {3, 4}, {2, 1}, {0, 1}, {5, 2}}},
          ConvolutionCase{16, 16, 21, 20, {{3, 3}, {1, 2}, {3, 4}, {3, 4}, {3, 4}}}}) {
      NodeRunner runner = MakeExactRunner(c, 8);
      ExpectConvolution(runner, kBlockedFormat, "int8", kFloatTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "int8", kHalfTolerance);
    }
  });
}

TEST(Int8Test, InnerProducts) {
  testing::OnEveryTarget([] {
    for (const int64_t rows : {1, 3, 50}) {
      graph::InnerProduct op;
      op.input_channels = 45;
      op.output_channels = 21;
      op.weight = 0;
      op.bias = RandomValues(21, 5);
      op.output_shape = {rows, 21};
      op.activation = graph::Unary{graph::UnaryFunction::kRelu};
      NodeRunner runner(op, {{rows, 45}}, {testing::RandomWeights({21, 45}, {.bits = 8})});
      runner.options().compute = Compute::kInt8;
      FillExactly(runner.input(0));
      ExpectConvolution(runner, kPlanarFormat, "int8", kFloatTolerance);
    }
  });
}

TEST(Int8Test, LeavesToWinogradWhatThatDoesFaster) {
  testing::OnEveryTarget([] {
    NodeRunner runner = MakeExactRunner({32, 32, 24, 24}, 8);
    ExpectConvolution(runner, kBlockedFormat, "winograd", 2e-5f);
  });
}

struct ConvolutionSize {
  int64_t inputs = 1, outputs = 1, kernel = 1, stride = 1, groups = 1;
};

// Its values are about as large as its input's.
void AddConvolution(TestNetwork& network, const char* from, const char* to,
                    const ConvolutionSize& size) {
  auto& convolution = *network.Layer({from}, {to}).mutable_convolution();
  const int64_t inputs = size.inputs / size.groups;
  convolution.set_outputchannels(size.outputs);
  convolution.set_kernelchannels(inputs);
  convolution.set_ngroups(size.groups);
  Set(convolution.mutable_kernelsize(), {size.kernel, size.kernel});
  Set(convolution.mutable_stride(), {size.stride, size.stride});
  convolution.mutable_same();
  const int64_t products = inputs * size.kernel * size.kernel;
  std::vector<float> weights = RandomValues(size.outputs * products, 3);
  for (float& weight : weights) weight /= std::sqrt(static_cast<float>(products));
  Fill(convolution.mutable_weights(), weights);
}

// The output; `layers`, if given, is told of what ran.
std::vector<float> RunModel(const Model& model, const TensorMap& inputs,
                            const EngineOptions& options,
                            std::vector<LayerProfile>* layers = nullptr) {
  const auto engine = Engine::Create(model, options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  const auto outputs = engine->Run(inputs, layers);
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  return outputs->at("out").values;
}

// Inputs are rounded to steps of about 0.025 for a range of +-3.2 standard deviations, which is an
// error of 0.0072 standard deviation; so is the sum's. Seven of them.
constexpr float kRoundedInputs = 7 * 0.0072f;

// The network in 8 bits must become `kernel` and nothing else but conversions.
void ExpectFused(TestNetwork& network, const TensorMap& inputs, const std::string& kernel) {
  for (const auto& [name, tensor] : inputs) network.Input(name, tensor.shape);
  network.Output("out");
  auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_TRUE(Compress(*model, {.bits = 8, .policy = Policy::kCoremltools}).ok());
  const auto expected = RunModel(*model, inputs, {.plain = true});
  testing::OnEveryTarget([&] {
    std::vector<LayerProfile> layers;
    const auto actual = RunModel(*model, inputs, {.compute = Compute::kInt8}, &layers);
    EXPECT_EQ(std::ranges::count(layers, kernel, &LayerProfile::kernel), 1);
    EXPECT_EQ(std::ranges::count(layers, "reformat", &LayerProfile::kind),
              static_cast<int64_t>(layers.size()) - 1);
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(actual[i], expected[i], kRoundedInputs);
    }
  });
}

TEST(Int8Test, JoinedInputsAndResiduals) {
  for (bool enlarges : {false, true}) {
    TestNetwork network;
    if (enlarges) {
      Set(network.Layer({"a"}, {"large"}).mutable_upsample()->mutable_scalingfactor(), {2, 2});
    }
    network.Layer({enlarges ? "large" : "a", "b"}, {"joined"}).mutable_concat();
    AddConvolution(network, "joined", "convolved", {52, 24});
    network.Layer({"convolved", "c"}, {"sum"}).mutable_add();
    network.Layer({"sum"}).mutable_activation()->mutable_relu();
    const int64_t height = enlarges ? 3 : 6, width = enlarges ? 4 : 8;
    ExpectFused(network,
                {{"a", RandomTensor({2, 32, height, width}, 1)},
                 {"b", RandomTensor({2, 20, 6, 8}, 2)},
                 {"c", RandomTensor({2, 24, 6, 8}, 4)}},
                "int8");
  }
}

TEST(Int8Test, DepthwiseConvolutionsBeforeIt) {
  for (int64_t stride : {1, 2}) {
    TestNetwork network;
    AddConvolution(network, "a", "filtered", {40, 40, 3, stride, 40});
    network.Layer({"filtered"}, {"positive"}).mutable_activation()->mutable_relu();
    AddConvolution(network, "positive", "out", {40, 24});
    ExpectFused(network, {{"a", RandomTensor({2, 40, 11, 13}, 1)}}, "depthwise + int8");
  }
}

// Inputs of any kind: half a step of a grid of 256 values over about 8 standard deviations, 0.9 %
// of one, has a rounding error of 0.9 % standard deviation of the output, whose largest value is
// about four of them.
TEST(Int8Test, RoundsInputsAndTables) {
  for (const QuantizeOptions& weights :
       {QuantizeOptions{.bits = 8}, {.bits = 4}, {.mode = Mode::kLinearLut, .bits = 6}}) {
    NodeRunner runner = MakeRunner({64, 32, 20, 21, {{1, 1}}}, 1,
                                   graph::Unary{graph::UnaryFunction::kRelu}, weights);
    runner.options().compute = Compute::kInt8;
    ExpectConvolution(runner, kBlockedFormat, "int8", 0.015f);
  }
}

TEST(Int8Test, LeavesFewChannelsAndWideWeightsToFloat32) {
  for (const ConvolutionCase& c : {ConvolutionCase{8, 32, 9, 9}, {32, 8, 9, 9}}) {
    NodeRunner runner = MakeExactRunner(c, 8);
    runner.RunFastKernel({kBlockedFormat}, 1);
    EXPECT_NE(runner.kernel_name(), "int8");
  }
  NodeRunner runner = MakeRunner({32, 32, 9, 9}, 1);
  runner.options().compute = Compute::kInt8;
  runner.RunFastKernel({kBlockedFormat}, 1);
  EXPECT_NE(runner.kernel_name(), "int8");
}

}  // namespace
}  // namespace nbits

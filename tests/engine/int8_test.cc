// Convolution in integer arithmetic against the plain one in Float32. On inputs that lie on every
// run's grid of 256 values nothing is rounded: both are the same but for Float32's rounding.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/kernels/int8_product.h"
#include "nbits/compress.h"
#include "tests/engine/convolution_case.h"
#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::ConvolutionCase;
using testing::ExpectConvolution;
using testing::Fill;
using testing::MakeRunner;
using testing::NodeRunner;
using testing::RandomValues;
using testing::Set;
using testing::TestNetwork;

// Sums of up to 1000 products in Float32, as a share of the output's largest magnitude.
constexpr float kTolerance = 4e-6f;
constexpr float kHalfTolerance = 1e-3f;

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
      ExpectConvolution(runner, kBlockedFormat, "int8", kTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "int8", kHalfTolerance);
      ExpectConvolution(narrow, kPlanarFormat, "int8", kTolerance);
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
      ExpectConvolution(runner, kBlockedFormat, "int8", kTolerance);
      ExpectConvolution(runner, kBlockedHalfFormat, "int8", kHalfTolerance);
    }
  });
}

TEST(Int8Test, LeavesToWinogradWhatThatDoesFaster) {
  testing::OnEveryTarget([] {
    NodeRunner runner = MakeExactRunner({32, 32, 24, 24}, 8);
    const char* kernel = HasFourProductSums() ? "int8" : "winograd";
    ExpectConvolution(runner, kBlockedFormat, kernel, 2e-5f);
  });
}

// A network whose join, up-sampling and addition become part of the convolution.
TestNetwork FusedNetwork(bool enlarges) {
  TestNetwork network;
  if (enlarges) {
    Set(network.Layer({"a"}, {"large"}).mutable_upsample()->mutable_scalingfactor(), {2, 2});
  }
  network.Layer({enlarges ? "large" : "a", "b"}, {"joined"}).mutable_concat();
  auto& convolution = *network.Layer({"joined"}, {"convolved"}).mutable_convolution();
  convolution.set_outputchannels(24);
  convolution.set_kernelchannels(52);
  Set(convolution.mutable_kernelsize(), {1, 1});
  Set(convolution.mutable_stride(), {1, 1});
  convolution.mutable_valid();
  Fill(convolution.mutable_weights(), RandomValues(24 * 52, 3));
  network.Layer({"convolved", "c"}, {"sum"}).mutable_add();
  network.Layer({"sum"}).mutable_activation()->mutable_relu();
  return network;
}

// The output; `layers` is told of what ran.
std::vector<float> RunModel(const Model& model, const TensorMap& inputs,
                            const EngineOptions& options, std::vector<LayerProfile>* layers) {
  const auto engine = Engine::Create(model, options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  const auto outputs = engine->Run(inputs, layers);
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  return outputs->at("out").values;
}

// Sums of 52 products with weights of standard deviation 1; inputs are rounded to steps of about
// 0.025, which is an error of 0.0072 standard deviation each: seven of the sum's, and rounding.
constexpr float kRoundedInputs = 7 * 0.0072f * 7.2f;

TEST(Int8Test, JoinedInputsAndResiduals) {
  for (bool enlarges : {false, true}) {
    const int64_t height = enlarges ? 3 : 6, width = enlarges ? 4 : 8;
    const TensorMap inputs = {{"a", RandomTensor({2, 32, height, width}, 1)},
                              {"b", RandomTensor({2, 20, 6, 8}, 2)},
                              {"c", RandomTensor({2, 24, 6, 8}, 4)}};
    TestNetwork network = FusedNetwork(enlarges);
    for (const auto& [name, tensor] : inputs) network.Input(name, tensor.shape);
    network.Output("out");
    auto model = network.Build();
    ASSERT_TRUE(model.ok()) << model.status();
    ASSERT_TRUE(Compress(*model, {.bits = 8, .policy = Policy::kCoremltools}).ok());
    const auto expected = RunModel(*model, inputs, {.plain = true}, nullptr);
    testing::OnEveryTarget([&] {
      std::vector<LayerProfile> layers;
      const auto actual = RunModel(*model, inputs, {.compute = Compute::kInt8}, &layers);
      EXPECT_EQ(std::ranges::count(layers, "int8", &LayerProfile::kernel), 1);
      EXPECT_EQ(std::ranges::count(layers, "reformat", &LayerProfile::kind),
                static_cast<int64_t>(layers.size()) - 1);
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(actual[i], expected[i], kRoundedInputs);
      }
    });
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

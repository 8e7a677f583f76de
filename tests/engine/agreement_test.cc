// SPDX-License-Identifier: Apache-2.0
// The fast kernels against the plain ones over random shapes, and runs against each other.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Fill;
using testing::Set;
using testing::TestNetwork;

std::vector<float> Random(size_t count, std::mt19937& generator) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(generator);
  return values;
}

int64_t Pick(int64_t lowest, int64_t highest, std::mt19937& generator) {
  return std::uniform_int_distribution<int64_t>(lowest, highest)(generator);
}

Tensor RandomTensor(const Shape& shape, std::mt19937& generator) {
  size_t count = 1;
  for (int64_t extent : shape) count *= static_cast<size_t>(extent);
  return {shape, Random(count, generator)};
}

void ExpectAgreement(TestNetwork& network, const TensorMap& inputs) {
  for (const auto& [name, tensor] : inputs) network.Input(name, tensor.shape);
  network.Output("out");
  const auto plain = network.Run(inputs, {.plain = true});
  const auto fast = network.Run(inputs);
  ASSERT_TRUE(plain.ok()) << plain.status();
  ASSERT_TRUE(fast.ok()) << fast.status();
  const Tensor &a = plain->at("out"), &b = fast->at("out");
  ASSERT_EQ(a.shape, b.shape);
  for (size_t i = 0; i < a.values.size(); ++i) {
    ASSERT_NEAR(a.values[i], b.values[i], 1e-4f * std::max(1.0f, std::abs(a.values[i]))) << i;
  }
}

struct ConvolutionShape {
  int64_t groups, inputs, outputs, kernel_height, kernel_width;
};

void AddConvolution(TestNetwork& network, const ConvolutionShape& s, bool transposed,
                    std::mt19937& generator) {
  auto& params = *network.Layer({"in"}, {"convolved"}).mutable_convolution();
  const int64_t channels = s.inputs * s.groups;
  params.set_outputchannels(s.outputs * s.groups);
  params.set_kernelchannels(transposed ? channels : s.inputs);
  params.set_ngroups(s.groups);
  params.set_isdeconvolution(transposed);
  Set(params.mutable_kernelsize(), {s.kernel_height, s.kernel_width});
  Set(params.mutable_stride(), {Pick(1, 3, generator), Pick(1, 3, generator)});
  Set(params.mutable_dilationfactor(), {Pick(1, 2, generator), Pick(1, 3, generator)});
  if (Pick(0, 1, generator) == 0) {
    params.mutable_same();
  } else {
    params.mutable_valid();
  }
  const size_t count = static_cast<size_t>(channels * s.outputs * s.kernel_height * s.kernel_width);
  Fill(params.mutable_weights(), Random(count, generator));
  params.set_hasbias(Pick(0, 1, generator) == 0);
  const size_t outputs = static_cast<size_t>(s.outputs * s.groups);
  if (params.hasbias()) Fill(params.mutable_bias(), Random(outputs, generator));
}

void AddTail(TestNetwork& network, int64_t channels, std::mt19937& generator) {
  auto& norm = *network.Layer({"convolved"}, {"normal"}).mutable_batchnorm();
  norm.set_channels(channels);
  const size_t count = static_cast<size_t>(channels);
  Fill(norm.mutable_gamma(), Random(count, generator));
  Fill(norm.mutable_beta(), Random(count, generator));
  Fill(norm.mutable_mean(), Random(count, generator));
  Fill(norm.mutable_variance(), std::vector<float>(count, 0.5f));
  auto& activation = *network.Layer({"normal"}).mutable_activation();
  switch (Pick(0, 3, generator)) {
    case 0:
      activation.mutable_relu();
      break;
    case 1:
      activation.mutable_leakyrelu()->set_alpha(0.1f);
      break;
    case 2:
      activation.mutable_tanh();
      break;
    default:
      activation.mutable_sigmoidhard()->set_alpha(0.3f);
      break;
  }
}

class ConvolutionAgreementTest : public ::testing::TestWithParam<int> {};

TEST_P(ConvolutionAgreementTest, OfConvolution) {
  std::mt19937 generator(GetParam());
  TestNetwork network;
  const bool depthwise = GetParam() % 3 == 0;
  const ConvolutionShape shape = {
      Pick(1, depthwise ? 19 : 3, generator), depthwise ? 1 : Pick(1, 19, generator),
      depthwise ? 1 : Pick(1, 19, generator), Pick(1, 5, generator), Pick(1, 5, generator)};
  AddConvolution(network, shape, false, generator);
  AddTail(network, shape.groups * shape.outputs, generator);
  ExpectAgreement(network, {{"in", RandomTensor({Pick(1, 2, generator), shape.groups * shape.inputs,
                                                 Pick(14, 30, generator), Pick(14, 30, generator)},
                                                generator)}});
}

TEST_P(ConvolutionAgreementTest, OfDeconvolution) {
  std::mt19937 generator(1000 + GetParam());
  TestNetwork network;
  const ConvolutionShape shape = {Pick(1, 3, generator), Pick(1, 9, generator),
                                  Pick(1, 9, generator), Pick(1, 5, generator),
                                  Pick(1, 5, generator)};
  AddConvolution(network, shape, true, generator);
  AddTail(network, shape.groups * shape.outputs, generator);
  ExpectAgreement(network, {{"in", RandomTensor({1, shape.groups * shape.inputs,
                                                 Pick(2, 17, generator), Pick(2, 17, generator)},
                                                generator)}});
}

TEST_P(ConvolutionAgreementTest, OfPointwiseConvolution) {
  std::mt19937 generator(2000 + GetParam());
  TestNetwork network;
  const int64_t inputs = Pick(1, 70, generator), outputs = Pick(1, 70, generator);
  auto& params = *network.Layer({"in"}, {"convolved"}).mutable_convolution();
  params.set_outputchannels(outputs);
  params.set_kernelchannels(inputs);
  Set(params.mutable_kernelsize(), {1, 1});
  params.mutable_valid();
  Fill(params.mutable_weights(), Random(static_cast<size_t>(inputs * outputs), generator));
  AddTail(network, outputs, generator);
  ExpectAgreement(network, {{"in", RandomTensor({Pick(1, 3, generator), inputs,
                                                 Pick(1, 30, generator), Pick(1, 30, generator)},
                                                generator)}});
}

TEST_P(ConvolutionAgreementTest, OfInnerProduct) {
  std::mt19937 generator(3000 + GetParam());
  TestNetwork network;
  const int64_t inputs = Pick(1, 130, generator), outputs = Pick(1, 130, generator);
  auto& params = *network.Layer().mutable_innerproduct();
  params.set_inputchannels(inputs);
  params.set_outputchannels(outputs);
  params.set_hasbias(true);
  Fill(params.mutable_weights(), Random(static_cast<size_t>(inputs * outputs), generator));
  Fill(params.mutable_bias(), Random(static_cast<size_t>(outputs), generator));
  ExpectAgreement(network, {{"in", RandomTensor({Pick(1, 9, generator), inputs}, generator)}});
}

TEST_P(ConvolutionAgreementTest, OfMatrixProduct) {
  std::mt19937 generator(4000 + GetParam());
  TestNetwork network;
  auto& params = *network.Layer({"a", "b"}).mutable_batchedmatmul();
  params.set_transposea(Pick(0, 1, generator) == 0);
  params.set_transposeb(Pick(0, 1, generator) == 0);
  const int64_t m = Pick(1, 20, generator), n = Pick(1, 20, generator), k = Pick(1, 20, generator);
  const int64_t stack = Pick(1, 4, generator);
  Shape a = {stack, m, k}, b = {Pick(0, 1, generator) == 0 ? 1 : stack, k, n};
  if (params.transposea()) std::swap(a[1], a[2]);
  if (params.transposeb()) std::swap(b[1], b[2]);
  ExpectAgreement(network, {{"a", RandomTensor(a, generator)}, {"b", RandomTensor(b, generator)}});
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConvolutionAgreementTest, ::testing::Range(0, 24));

// Runs at the same time, and with any number of threads, give the same values.
TEST(EngineTest, ConcurrentRunsDoNotDisturbEachOther) {
  std::mt19937 generator(7);
  TestNetwork network;
  AddConvolution(network, {1, 8, 8, 3, 3}, false, generator);
  AddTail(network, 8, generator);
  const Tensor input = RandomTensor({1, 8, 40, 40}, generator);
  network.Input("in", input.shape).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model, {.threads = 1});
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto expected = engine->Run({{"in", input}});
  ASSERT_TRUE(expected.ok()) << expected.status();
  std::vector<std::thread> threads;
  std::vector<int> equal(4, 0);
  for (size_t t = 0; t < equal.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto outputs = engine->Run({{"in", input}});
        equal[t] += outputs.ok() && outputs->at("out").values == expected->at("out").values;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, std::vector<int>(4, 10));
}

TEST(EngineTest, ProfileNamesEveryLayerThatRan) {
  std::mt19937 generator(8);
  TestNetwork network;
  AddConvolution(network, {1, 2, 3, 3, 3}, false, generator);
  AddTail(network, 3, generator);
  const Tensor input = RandomTensor({1, 2, 20, 20}, generator);
  network.Input("in", input.shape).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model, {.plain = true});
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::vector<LayerProfile> profile;
  const auto outputs = engine->Run({{"in", input}}, &profile);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ASSERT_EQ(profile.size(), 3u);
  EXPECT_EQ(profile[0].kind, "convolution");
  EXPECT_EQ(profile[0].kernel, "plain");
  EXPECT_EQ(profile[0].weight_bytes, 4 * 2 * 3 * 3 * 3);
  EXPECT_EQ(profile[1].kind, "batchnorm");
  EXPECT_EQ(profile[2].kind, "activation");
  const size_t count = outputs->at("out").values.size();
  EXPECT_EQ(profile[2].output_bytes, static_cast<int64_t>(4 * count));
  // All layers write into the result, each over the one before.
  EXPECT_LT(engine->activation_bytes(), profile[2].output_bytes);
}

}  // namespace
}  // namespace nbits

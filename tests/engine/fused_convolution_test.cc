// SPDX-License-Identifier: Apache-2.0
// Networks whose joins, up-samplings and additions become part of a convolution, against the plain
// kernels one after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/engine/network.h"
#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using testing::Fill;
using testing::RandomValues;
using testing::Set;
using testing::TestNetwork;

Tensor RandomTensor(const Shape& shape, unsigned seed) {
  return {shape, RandomValues(graph::Product(shape), seed)};
}

// A 3x3 convolution from `inputs` to `outputs` channels. Its values are about as large as its
// input's, so that activations that saturate hide no error and add none.
void AddConvolution(TestNetwork& network, const char* from, const char* to, int64_t inputs,
                    int64_t outputs, int64_t stride = 1) {
  auto& params = *network.Layer({from}, {to}).mutable_convolution();
  params.set_outputchannels(outputs);
  params.set_kernelchannels(inputs);
  Set(params.mutable_kernelsize(), {3, 3});
  Set(params.mutable_stride(), {stride, stride});
  params.mutable_same();
  std::vector<float> weights = RandomValues(inputs * outputs * 9, 3);
  for (float& weight : weights) weight /= std::sqrt(static_cast<float>(inputs * 9));
  Fill(params.mutable_weights(), weights);
  params.set_hasbias(true);
  Fill(params.mutable_bias(), RandomValues(outputs, 4));
}

void AddUpsampling(TestNetwork& network, const char* from, const char* to, bool bilinear) {
  auto& params = *network.Layer({from}, {to}).mutable_upsample();
  Set(params.mutable_scalingfactor(), {2, 2});
  params.set_mode(bilinear ? schema::UpsampleLayerParams::BILINEAR
                           : schema::UpsampleLayerParams::NN);
}

// Depthwise, 3x3, with ReLU; then 1x1 from `channels` to `outputs`.
void AddSeparableConvolution(TestNetwork& network, const char* from, const char* to,
                             int64_t channels, int64_t outputs, int64_t stride) {
  auto& depthwise = *network.Layer({from}, {"depthwise"}).mutable_convolution();
  depthwise.set_outputchannels(channels);
  depthwise.set_kernelchannels(1);
  depthwise.set_ngroups(channels);
  Set(depthwise.mutable_kernelsize(), {3, 3});
  Set(depthwise.mutable_stride(), {stride, stride});
  depthwise.mutable_same();
  Fill(depthwise.mutable_weights(), RandomValues(channels * 9, 5));
  depthwise.set_hasbias(true);
  Fill(depthwise.mutable_bias(), RandomValues(channels, 6));
  network.Layer({"depthwise"}, {"active"}).mutable_activation()->mutable_relu();
  auto& pointwise = *network.Layer({"active"}, {to}).mutable_convolution();
  pointwise.set_outputchannels(outputs);
  pointwise.set_kernelchannels(channels);
  Set(pointwise.mutable_kernelsize(), {1, 1});
  Set(pointwise.mutable_stride(), {1, 1});
  pointwise.mutable_valid();
  Fill(pointwise.mutable_weights(), RandomValues(channels * outputs, 7));
}

struct Outcome {
  Tensor output;
  std::vector<LayerProfile> layers;
};
Outcome RunNetwork(const TestNetwork& network, const TensorMap& inputs, bool plain) {
  const auto model = network.Build();
  EXPECT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model, {.plain = plain});
  EXPECT_TRUE(engine.ok()) << engine.status();
  Outcome outcome;
  const auto outputs = engine->Run(inputs, &outcome.layers);
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  outcome.output = outputs->at("out");
  return outcome;
}

// The fast kernels must be `kernels` beside conversions.
void ExpectFused(TestNetwork& network, const TensorMap& inputs, int kernels) {
  for (const auto& [name, tensor] : inputs) network.Input(name, tensor.shape);
  network.Output("out");
  const Outcome expected = RunNetwork(network, inputs, true);
  const float largest = std::abs(*std::ranges::max_element(
      expected.output.values, {}, [](float value) { return std::abs(value); }));
  testing::OnEveryTarget([&] {
    const Outcome actual = RunNetwork(network, inputs, false);
    EXPECT_EQ(kernels, std::ranges::count_if(actual.layers, [](const LayerProfile& layer) {
                return layer.kind != "reformat";
              }));
    ASSERT_EQ(actual.output.shape, expected.output.shape);
    for (size_t i = 0; i < expected.output.values.size(); ++i) {
      ASSERT_NEAR(actual.output.values[i], expected.output.values[i], 2e-5f * largest) << i;
    }
  });
}

TEST(FusedConvolutionTest, ReadsJoinedAndEnlargedTensors) {
  for (bool bilinear : {false, true}) {
    TestNetwork network;
    AddUpsampling(network, "a", "enlarged", bilinear);
    network.Layer({"enlarged", "b"}, {"joined"}).mutable_concat();
    AddConvolution(network, "joined", "out", 16 + 21, 20);
    ExpectFused(network,
                {{"a", RandomTensor({1, 16, 6, 7}, 1)}, {"b", RandomTensor({1, 21, 12, 14}, 2)}},
                1);
  }
}

TEST(FusedConvolutionTest, AddsBeforeItsActivation) {
  TestNetwork network;
  AddConvolution(network, "a", "convolved", 18, 20);
  network.Layer({"convolved", "b"}, {"sum"}).mutable_add();
  network.Layer({"sum"}).mutable_activation()->mutable_relu();
  ExpectFused(network,
              {{"a", RandomTensor({2, 18, 9, 10}, 1)}, {"b", RandomTensor({2, 20, 9, 10}, 2)}}, 1);
}

TEST(FusedConvolutionTest, DepthwiseIsComputedWithinPointwise) {
  for (int64_t stride : {1, 2}) {
    TestNetwork network;
    AddSeparableConvolution(network, "a", "convolved", 21, 40, stride);
    network.Layer({"convolved", "b"}, {"sum"}).mutable_add();
    network.Layer({"sum"}).mutable_activation()->mutable_relu();
    const Shape residual = {2, 40, 18 / stride, 10 / stride};
    ExpectFused(network,
                {{"a", RandomTensor({2, 21, 18, 10}, 1)}, {"b", RandomTensor(residual, 2)}}, 1);
  }
}

// The value between the two has another reader.
TEST(FusedConvolutionTest, DepthwiseOfTwoReadersStandsAlone) {
  TestNetwork network;
  AddSeparableConvolution(network, "a", "convolved", 40, 40, 1);
  network.Layer({"convolved", "active"}).mutable_add();
  ExpectFused(network, {{"a", RandomTensor({1, 40, 9, 10}, 1)}}, 2);
}

// relu(convolution) + b by each kernel. `b` is computed, so that the sum is written over it.
TEST(FusedConvolutionTest, AddsAfterItsActivation) {
  struct Case {
    const char* kernel;
    int64_t outputs;
    int64_t stride;
  };
  for (const Case& c : {Case{"winograd 4x4", 20, 1}, Case{"direct", 20, 2},
                        Case{"few outputs", 3, 1}, Case{"few outputs", 8, 2}}) {
    SCOPED_TRACE(c.kernel);
    TestNetwork network;
    AddConvolution(network, "b", "linear", 18, c.outputs, c.stride);
    network.Layer({"linear"}, {"residual"}).mutable_activation()->mutable_tanh();
    AddConvolution(network, "a", "convolved", 18, c.outputs, c.stride);
    network.Layer({"convolved"}, {"active"}).mutable_activation()->mutable_sigmoid();
    network.Layer({"residual", "active"}, {"sum"}).mutable_add();
    network.Layer({"sum"}).mutable_activation()->mutable_tanh();
    const TensorMap inputs = {{"a", RandomTensor({2, 18, 9, 10}, 1)},
                              {"b", RandomTensor({2, 18, 9, 10}, 2)}};
    ExpectFused(network, inputs, 3);
    const std::vector<LayerProfile> layers = RunNetwork(network, inputs, false).layers;
    EXPECT_EQ(2, std::ranges::count(layers, c.kernel, &LayerProfile::kernel));
  }
}

}  // namespace
}  // namespace nbits

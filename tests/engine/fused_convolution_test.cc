// Networks whose joins, up-samplings and additions become part of a convolution, against the plain
// kernels one after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

// A 3x3 convolution from `inputs` to `outputs` channels.
void AddConvolution(TestNetwork& network, const char* from, const char* to, int64_t inputs,
                    int64_t outputs) {
  auto& params = *network.Layer({from}, {to}).mutable_convolution();
  params.set_outputchannels(outputs);
  params.set_kernelchannels(inputs);
  Set(params.mutable_kernelsize(), {3, 3});
  params.mutable_same();
  Fill(params.mutable_weights(), RandomValues(inputs * outputs * 9, 3));
  params.set_hasbias(true);
  Fill(params.mutable_bias(), RandomValues(outputs, 4));
}

void AddUpsampling(TestNetwork& network, const char* from, const char* to, bool bilinear) {
  auto& params = *network.Layer({from}, {to}).mutable_upsample();
  Set(params.mutable_scalingfactor(), {2, 2});
  params.set_mode(bilinear ? schema::UpsampleLayerParams::BILINEAR
                           : schema::UpsampleLayerParams::NN);
}

struct Outcome {
  Tensor output;
  std::vector<LayerProfile> layers;
};
Outcome Run(const TestNetwork& network, const TensorMap& inputs, bool plain) {
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

// The fast kernels must be `kernels` Winograd convolutions beside conversions, nothing else.
void ExpectFused(TestNetwork& network, const TensorMap& inputs, int kernels) {
  for (const auto& [name, tensor] : inputs) network.Input(name, tensor.shape);
  network.Output("out");
  const Outcome expected = Run(network, inputs, true);
  const float largest = std::abs(*std::ranges::max_element(
      expected.output.values, {}, [](float value) { return std::abs(value); }));
  testing::OnEveryTarget([&] {
    const Outcome actual = Run(network, inputs, false);
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

}  // namespace
}  // namespace nbits

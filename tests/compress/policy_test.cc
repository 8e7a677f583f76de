// SPDX-License-Identifier: Apache-2.0
// What the two policies take and leave where it is close.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/compress.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

// A constant of so many values, and a layer that reads it.
Model Constant(int64_t elements) {
  schema::Model file = EmptyModel({"y"});
  schema::NeuralNetworkLayer* layer = file.mutable_neuralnetwork()->add_layers();
  layer->set_name("c");
  layer->add_output("c");
  layer->mutable_loadconstantnd()->add_shape(static_cast<uint64_t>(elements));
  Values values(static_cast<size_t>(elements));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 100);
  Fill(layer->mutable_loadconstantnd()->mutable_data(), values);
  AddLayer(*file.mutable_neuralnetwork(), "y_add", "x", "y")->mutable_addbroadcastable();
  file.mutable_neuralnetwork()->mutable_layers(1)->add_input("c");
  return Opened(file);
}

std::string KeepReasonOf(const Model& model, const CompressOptions& options) {
  const auto plan = MakePlan(model, options);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? plan->entries.at(0).reason : "";
}

// include/nbits/plan.h: "constants of kBulkConstantElements or more".
TEST(Policy, BulkTakesConstantsFromItsLeastSizeOn) {
  EXPECT_EQ(KeepReasonOf(Constant(kBulkConstantElements - 1), {}), "a small constant");
  EXPECT_EQ(KeepReasonOf(Constant(kBulkConstantElements), {}), "");
}

// An LSTM of two channels with everything that it can have.
Model Lstm() {
  schema::Model file = EmptyModel({"y"});
  auto* layer =
      AddLayer(*file.mutable_neuralnetwork(), "lstm", "x", "y")->mutable_unidirectionallstm();
  layer->set_inputvectorsize(2);
  layer->set_outputvectorsize(2);
  layer->mutable_params()->set_haspeepholevectors(true);
  for (int i = 0; i < 3; ++i) layer->add_activations()->mutable_sigmoid();
  layer->add_activations()->mutable_prelu();
  Fill(layer->mutable_activations(3)->mutable_prelu()->mutable_alpha(), {0.1f, 0.2f});
  auto* weights = layer->mutable_weightparams();
  for (auto* matrix :
       {weights->mutable_inputgateweightmatrix(), weights->mutable_forgetgateweightmatrix(),
        weights->mutable_blockinputweightmatrix(), weights->mutable_outputgateweightmatrix(),
        weights->mutable_inputgaterecursionmatrix(), weights->mutable_forgetgaterecursionmatrix(),
        weights->mutable_blockinputrecursionmatrix(),
        weights->mutable_outputgaterecursionmatrix()}) {
    Fill(matrix, {1, 2, 3, 4});
  }
  for (auto* vector :
       {weights->mutable_inputgatepeepholevector(), weights->mutable_forgetgatepeepholevector(),
        weights->mutable_outputgatepeepholevector()}) {
    Fill(vector, {1, 2});
  }
  return Opened(file);
}

std::vector<std::string> Taken(const Model& model, const CompressOptions& options) {
  std::vector<std::string> taken;
  const auto plan = MakePlan(model, options);
  EXPECT_TRUE(plan.ok()) << plan.status();
  if (!plan.ok()) return taken;
  for (const PlanEntry& entry : plan->entries) {
    if (!entry.keep) taken.push_back(entry.path);
  }
  return taken;
}

// coremltools 7.2, _quantize_spec_weights: an LSTM's peephole vectors are quantized with its
// matrices and biases; the parameters of activations never are.
TEST(Policy, CoremltoolsTakesPeepholesButNoActivations) {
  const std::vector<std::string> taken = Taken(Lstm(), {.policy = Policy::kCoremltools});
  EXPECT_EQ(taken.size(), 11u);
  EXPECT_THAT(taken, IsSupersetOf({"lstm/inputGatePeepholeVector", "lstm/forgetGatePeepholeVector",
                                   "lstm/outputGatePeepholeVector"}));
  EXPECT_EQ(KeepReasonOf(Lstm(), {.policy = Policy::kCoremltools}),
            "activation parameters are not quantized");
}

// "bias" as a type means the biases of which coremltools asks its selector, and bias layers.
TEST(Policy, BiasesOfRecurrentLayersAreNotOfTypeBias) {
  schema::Model file = EmptyModel({"y"});
  auto* layer = AddLayer(*file.mutable_neuralnetwork(), "rnn", "x", "p")->mutable_simplerecurrent();
  layer->set_inputvectorsize(1);
  layer->set_outputvectorsize(2);
  layer->set_hasbiasvector(true);
  layer->mutable_activation()->mutable_relu();
  Fill(layer->mutable_weightmatrix(), {1, 2});
  Fill(layer->mutable_recursionmatrix(), {1, 2, 3, 4});
  Fill(layer->mutable_biasvector(), {5, 6});
  auto* product = AddLayer(*file.mutable_neuralnetwork(), "fc", "p", "y")->mutable_innerproduct();
  product->set_inputchannels(2);
  product->set_outputchannels(1);
  product->set_hasbias(true);
  Fill(product->mutable_weights(), {1, 2});
  Fill(product->mutable_bias(), {3});
  EXPECT_THAT(Taken(Opened(file), {.only_rules = true, .types = {{"bias", {.bits = 4}}}}),
              ElementsAre("fc/bias"));
}

}  // namespace
}  // namespace nbits

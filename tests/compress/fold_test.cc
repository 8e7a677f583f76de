// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/neural_network/layer_edit.h"
#include "nbits/compress.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> LayerNames(const Model& model) {
  std::vector<std::string> names;
  const std::vector<NetworkRef> networks = Networks(model);
  for (const auto* layer : networks[0].layers) names.push_back(layer->name());
  return names;
}

int Fold(Model& model, FoldPlan::Kind kind = FoldPlan::Kind::kFull) {
  const auto folded = FoldLayers(model, {kind});
  EXPECT_TRUE(folded.ok()) << folded.status();
  return folded.value_or(-1);
}

TEST(FoldLayers, ChainOfBatchnormAndScaleEndsInTheConvolution) {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 2, 2, {1, 2, 3, 4});
  AddBatchnorm(*file.mutable_neuralnetwork(), "c", "b", {4, 3}, {1, 0}, {0, 2}, {4, 1});
  AddScale(*file.mutable_neuralnetwork(), "b", "y", {10, 1}, {0.5f, 0});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 2);
  EXPECT_THAT(LayerNames(model), ElementsAre("c_conv"));
  EXPECT_THAT(Networks(model)[0].layers[0]->output(), ElementsAre("y"));
  EXPECT_TRUE(Networks(model)[0].layers[0]->convolution().hasbias());
  EXPECT_THAT(WeightValues(model, "c_conv", "weights"), ElementsAre(20, 40, 9, 12));
  EXPECT_THAT(WeightValues(model, "c_conv", "bias"), ElementsAre(10.5f, -6));
}

// coremltools 7.2 leaves the bias as it was, which changes what the network computes.
TEST(FoldLayers, ScaleWithoutBiasScalesTheBiasBeforeIt) {
  schema::Model file = EmptyModel({"y"});
  auto* convolution = AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 1});
  convolution->set_hasbias(true);
  Fill(convolution->mutable_bias(), {5, 7});
  AddScale(*file.mutable_neuralnetwork(), "c", "y", {2, 3});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 1);
  EXPECT_THAT(WeightValues(model, "c_conv", "weights"), ElementsAre(2, 3));
  EXPECT_THAT(WeightValues(model, "c_conv", "bias"), ElementsAre(10, 21));
}

TEST(FoldLayers, SingleScaleAndBiasStandForAllChannels) {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 2});
  AddScale(*file.mutable_neuralnetwork(), "c", "y", {3}, {4});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 1);
  EXPECT_THAT(WeightValues(model, "c_conv", "weights"), ElementsAre(3, 6));
  EXPECT_THAT(WeightValues(model, "c_conv", "bias"), ElementsAre(4, 4));
}

TEST(FoldLayers, TransposedConvolutionIsScaledAlongItsSecondAxis) {
  schema::Model file = EmptyModel({"y"});
  auto* convolution = AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 2, 2, {1, 2, 3, 4});
  convolution->set_isdeconvolution(true);
  AddScale(*file.mutable_neuralnetwork(), "c", "y", {10, 100});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 1);
  EXPECT_THAT(WeightValues(model, "c_conv", "weights"), ElementsAre(10, 200, 30, 400));
}

TEST(FoldLayers, ScaleGoesIntoBatchnorm) {
  schema::Model file = EmptyModel({"y"});
  AddBatchnorm(*file.mutable_neuralnetwork(), "x", "b", {1, 2}, {3, 4}, {0, 0}, {1, 1});
  AddScale(*file.mutable_neuralnetwork(), "b", "y", {2, 5}, {1, 1});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model, FoldPlan::Kind::kCoremltools), 1);
  EXPECT_THAT(WeightValues(model, "b_batchnorm", "gamma"), ElementsAre(2, 10));
  EXPECT_THAT(WeightValues(model, "b_batchnorm", "beta"), ElementsAre(7, 21));
}

// coremltools folds here and leaves the model without a producer of "c".
TEST(FoldLayers, ResultThatIsAnOutputStays) {
  schema::Model file = EmptyModel({"y", "c"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 1});
  AddScale(*file.mutable_neuralnetwork(), "c", "y", {2, 3});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 0);
  EXPECT_THAT(LayerNames(model), ElementsAre("c_conv", "y_scale"));
}

TEST(FoldLayers, ResultWithTwoReadersStays) {
  schema::Model file = EmptyModel({"y", "z"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 1});
  AddScale(*file.mutable_neuralnetwork(), "c", "y", {2, 3});
  AddScale(*file.mutable_neuralnetwork(), "c", "z", {4, 5});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 0);
}

TEST(FoldLayers, WhatIsKeptByNameStays) {
  schema::Model file = EmptyModel({"y"});
  auto* convolution = AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 1});
  convolution->set_hasbias(true);
  Fill(convolution->mutable_bias(), {5, 7});
  AddBatchnorm(*file.mutable_neuralnetwork(), "c", "y", {1, 2}, {3, 4}, {0, 0}, {1, 1});
  for (const char* pattern : {"c_conv", "y_batchnorm", "c_conv/bias", "*/weights", "y*/gamma"}) {
    Model model = Opened(file);
    CompressOptions options;
    options.keep = {pattern};
    int folded = 0;
    ASSERT_TRUE(Prepare(model, options, &folded).ok()) << pattern;
    EXPECT_EQ(folded, 0) << pattern;
    EXPECT_THAT(LayerNames(model), ElementsAre("c_conv", "y_batchnorm"));
    // A rule that keeps says the same.
    model = Opened(file);
    options = {.layers = {{pattern, {.keep = true}}}};
    ASSERT_TRUE(Prepare(model, options, &folded).ok()) << pattern;
    EXPECT_EQ(folded, 0) << pattern;
  }
}

// Training would change one of them alone.
TEST(FoldLayers, UpdatableLayersStay) {
  for (int updatable : {0, 1}) {
    schema::Model file = EmptyModel({"y"});
    AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 1});
    AddScale(*file.mutable_neuralnetwork(), "c", "y", {2, 3});
    file.mutable_neuralnetwork()->mutable_layers(updatable)->set_isupdatable(true);
    Model model = Opened(file);
    EXPECT_EQ(Fold(model), 0) << updatable;
  }
}

TEST(FoldLayers, InstanceNormalizationStays) {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 2, {1, 1});
  auto* batchnorm = AddBatchnorm(*file.mutable_neuralnetwork(), "c", "y", {1, 1}, {0, 0}, {}, {});
  batchnorm->set_instancenormalization(true);
  batchnorm->set_computemeanvar(true);
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 0);
}

TEST(FoldLayers, ScaleOfAnotherLengthStays) {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "c", 1, 3, {1, 1, 1});
  AddScale(*file.mutable_neuralnetwork(), "c", "y", {2, 3});
  Model model = Opened(file);
  EXPECT_EQ(Fold(model), 0);
}

}  // namespace
}  // namespace nbits

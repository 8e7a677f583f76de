// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/layer_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/file.h"
#include "formats/neural_network/weights/layer_kinds.h"
#include "tests/formats/handmade.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using namespace testing;  // NOLINT: this project's own nbits::testing.

// x -> first -> a -> second -> y, both inner products with bias.
schema::Model TwoProducts() {
  schema::Model model = EmptyNetwork();
  AddInnerProduct(model, "first", "x", "a", 2, 3);
  AddInnerProduct(model, "second", "a", "y", 4, 2);
  return model;
}

schema::Model SavedOf(const Model& model) {
  const TestFolder folder;
  const std::string path = folder / "edited.mlmodel";
  EXPECT_TRUE(model.Save(path).ok());
  EXPECT_EQ(model.SerializedSize(), static_cast<int64_t>(std::filesystem::file_size(path)));
  schema::Model saved;
  EXPECT_TRUE(saved.ParseFromString(*ReadFile(path)));
  return saved;
}

TEST(LayerEdit, ListsNestedNetworksAndWhatLeavesThem) {
  schema::Model source = TwoProducts();
  auto& branch = *AddLayer(source, "branch", "condition", "z").mutable_branch();
  schema::Model inner = EmptyNetwork();
  AddInnerProduct(inner, "inner", "a", "private", 1, 2);
  AddInnerProduct(inner, "last", "private", "z", 1, 1);
  *branch.mutable_ifbranch() = inner.neuralnetwork();
  const auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(model.ok()) << model.status();
  const std::vector<NetworkRef> networks = Networks(*model);
  ASSERT_EQ(networks.size(), 2u);
  EXPECT_EQ(networks[0].path, "");
  EXPECT_THAT(networks[0].output_names, ElementsAre("a", "y", "z"));
  EXPECT_EQ(networks[1].path, "branch/ifBranch/");
  EXPECT_THAT(networks[1].output_names, ElementsAre("z"));
  EXPECT_EQ(model->weights()[4].path, "branch/ifBranch/inner/weights");
}

TEST(LayerEdit, RemovesALayerAndItsWeights) {
  schema::Model source = TwoProducts();
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  ASSERT_TRUE(RemoveLayer(*model, 0, 0).ok());
  ASSERT_EQ(model->weights().size(), 2u);
  EXPECT_EQ(model->weights()[0].path, "second/weights");
  source.mutable_neuralnetwork()->mutable_layers()->DeleteSubrange(0, 1);
  EXPECT_TRUE(SavedOf(*model).SerializeAsString() == source.SerializeAsString());
}

TEST(LayerEdit, ReplacementKeepsSomeValuesAndBringsOthers) {
  schema::Model source = TwoProducts();
  AddUnknown(
      *source.mutable_neuralnetwork()->mutable_layers(1)->mutable_innerproduct()->mutable_weights(),
      UnknownField(777, "kept"));
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  schema::NeuralNetworkLayer layer = *Networks(*model)[0].layers[1];
  layer.set_output(0, "renamed");
  auto& bias = *layer.mutable_innerproduct()->mutable_bias();
  bias.Clear();
  SetFloats(bias, 4, 10.0f);
  ASSERT_TRUE(ReplaceLayer(*model, 0, 1, layer).ok());
  ASSERT_EQ(model->weights().size(), 4u);

  auto& expected = *source.mutable_neuralnetwork()->mutable_layers(1);
  expected.set_output(0, "renamed");
  expected.mutable_innerproduct()->mutable_bias()->Clear();
  SetFloats(*expected.mutable_innerproduct()->mutable_bias(), 4, 10.0f);
  EXPECT_TRUE(SavedOf(*model).SerializeAsString() == source.SerializeAsString());
}

TEST(LayerEdit, AReplacementThatDoesNotFitChangesNothing) {
  const schema::Model source = TwoProducts();
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  schema::NeuralNetworkLayer layer = *Networks(*model)[0].layers[0];
  layer.mutable_innerproduct()->set_outputchannels(5);
  EXPECT_FALSE(ReplaceLayer(*model, 0, 0, layer).ok());
  layer.mutable_innerproduct()->set_outputchannels(2);
  layer.mutable_innerproduct()->mutable_weights()->set_nbits_weight_index(99);
  EXPECT_FALSE(ReplaceLayer(*model, 0, 0, layer).ok());
  EXPECT_FALSE(ReplaceLayer(*model, 0, 7, layer).ok());
  EXPECT_FALSE(RemoveLayer(*model, 3, 0).ok());
  EXPECT_TRUE(SavedOf(*model).SerializeAsString() == source.SerializeAsString());
  EXPECT_EQ(model->weights().size(), 4u);
}

TEST(LayerEdit, EditsAndReplacedWeightsMix) {
  const schema::Model source = TwoProducts();
  auto model = Model::FromBytes(source.SerializeAsString(), "m");
  PackedTensor half;
  half.scheme = Scheme::kFloat16;
  half.bits = 16;
  half.shape = {4, 2};
  const std::vector<std::byte> zeros(16);
  half.bytes = zeros;
  ASSERT_TRUE(model->ReplaceWeight(2, half).ok());
  ASSERT_TRUE(RemoveLayer(*model, 0, 0).ok());
  ASSERT_EQ(model->weights().size(), 2u);
  EXPECT_EQ(model->weights()[0].tensor.scheme, Scheme::kFloat16);
  EXPECT_EQ(model->description().specification_version, 2);
  EXPECT_EQ(SavedOf(*model).neuralnetwork().layers(0).innerproduct().weights().float16value(),
            std::string(16, '\0'));
}

// The table of names is written out; the schema is where the numbers come from.
TEST(LayerKinds, AgreeWithTheSchema) {
  const std::string text = *ReadFile(std::string(NBITS_SOURCE_DIR) + "/proto/neural_network.proto");
  const size_t begin = text.find("oneof layer {");
  const size_t end = text.find('}', begin);
  int known = 0;
  for (int number = 1; number < 2000; ++number) {
    const std::string name(LayerKindName(number));
    if (name.empty()) continue;
    ++known;
    const size_t found = text.find(" " + name + " = " + std::to_string(number) + ";", begin);
    EXPECT_LT(found, end) << name;
  }
  EXPECT_EQ(known, std::count(text.begin() + begin, text.begin() + end, ';'));
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Inputs and outputs of whole models: flexible sizes, several inputs, pictures, classes, states
// that may be left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using ::testing::ElementsAre;
using testing::Fill;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using testing::TestNetwork;

schema::ArrayFeatureType& ArrayInput(TestNetwork& network) {
  return *network.model()
              .mutable_description()
              ->mutable_input(0)
              ->mutable_type()
              ->mutable_multiarraytype();
}

schema::ImageFeatureType& AddImage(schema::FeatureDescription& feature, const char* name,
                                   schema::ImageFeatureType::ColorSpace color, int64_t height,
                                   int64_t width) {
  feature.set_name(name);
  auto& image = *feature.mutable_type()->mutable_imagetype();
  image.set_colorspace(color);
  image.set_height(height);
  image.set_width(width);
  return image;
}

// The sum of every row of the input.
TestNetwork RowSums(const Shape& shape) {
  TestNetwork network;
  network.Layer().mutable_reducesum()->add_axes(-1);
  network.Input("in", shape).Output("out");
  return network;
}

void ExpectRefused(const TestNetwork& network, const Shape& shape, const char* reason) {
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model, {}, {{"in", shape}});
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("'in'"));
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr(reason));
}

TEST(FlexibleShapeTest, EnumeratedArrays) {
  TestNetwork network = RowSums({2, 3});
  auto& shapes = *ArrayInput(network).mutable_enumeratedshapes();
  testing::Set(shapes.add_shapes()->mutable_shape(), {2, 3});
  testing::Set(shapes.add_shapes()->mutable_shape(), {3, 2});
  for (const Shape& shape : {Shape{2, 3}, Shape{3, 2}}) {
    const auto out = network.Run({{"in", Counting(shape)}});
    ASSERT_TRUE(out.ok()) << out.status();
    EXPECT_EQ(out->at("out").values.size(), static_cast<size_t>(shape[0]));
  }
  ExpectRefused(network, {3, 3}, "2 x 3 or 3 x 2");
  ExpectRefused(network, {2, 3, 1}, "2 x 3 or 3 x 2");
}

TEST(FlexibleShapeTest, RangesOfArrays) {
  TestNetwork network = RowSums({2, 3});
  auto& range = *ArrayInput(network).mutable_shaperange();
  range.add_sizeranges()->set_lowerbound(1);
  range.mutable_sizeranges(0)->set_upperbound(4);
  range.add_sizeranges()->set_lowerbound(3);
  range.mutable_sizeranges(1)->set_upperbound(-1);  // Without end.
  for (const Shape& shape : {Shape{1, 3}, Shape{4, 100}}) {
    const auto out = network.Run({{"in", Counting(shape)}});
    ASSERT_TRUE(out.ok()) << out.status();
    EXPECT_EQ(out->at("out").values.size(), static_cast<size_t>(shape[0]));
  }
  ExpectRefused(network, {5, 3}, "1..4 x 3 or more");
  ExpectRefused(network, {2, 2}, "1..4 x 3 or more");
}

TEST(FlexibleShapeTest, AFixedArrayTakesNoOther) {
  ExpectRefused(RowSums({2, 3}), {3, 2}, "it takes 2 x 3");
}

TEST(FlexibleShapeTest, OlderNetworksTakeASequenceAndABatchBeforeTheirAxes) {
  TestNetwork network;
  network.UseRank5();
  network.Layer().mutable_softmax();
  network.Input("in", {2}).Output("out");
  for (const Shape& shape : {Shape{2}, Shape{3, 2}, Shape{4, 3, 2}}) {
    const auto out = network.Run({{"in", Counting(shape)}});
    EXPECT_TRUE(out.ok()) << out.status();
  }
  ExpectRefused(network, {3}, "it takes 2");
  ExpectRefused(network, {1, 1, 1, 2}, "it takes 2");
}

TEST(FlexibleShapeTest, Pictures) {
  TestNetwork network;
  auto& image = AddImage(*network.model().mutable_description()->add_input(), "in",
                         schema::ImageFeatureType::GRAYSCALE, 4, 4);
  auto& size = *image.mutable_enumeratedsizes()->add_sizes();
  size.set_height(2);
  size.set_width(8);
  auto& pool = *network.Layer().mutable_pooling();
  pool.set_globalpooling(true);
  pool.set_type(schema::PoolingLayerParams::AVERAGE);
  network.Output("out");
  for (const Shape& shape : {Shape{1, 4, 4}, Shape{1, 2, 8}}) {
    const auto out = network.Run({{"in", Counting(shape)}});
    ASSERT_TRUE(out.ok()) << out.status();
    EXPECT_THAT(out->at("out").values, ElementsAre(8.5));
  }
  ExpectRefused(network, {1, 8, 2}, "2 x 8");
  ExpectRefused(network, {3, 4, 4}, "its own size is 1 x 4 x 4");
}

TEST(FeatureTest, SeveralInputsOfDifferentKinds) {
  TestNetwork network;
  AddImage(*network.model().mutable_description()->add_input(), "picture",
           schema::ImageFeatureType::RGB, 1, 2);
  network.Input("factor", {1});
  network.Layer({"picture", "factor"}, {"out"}).mutable_multiplybroadcastable();
  network.Output("out");
  const auto out = network.Run({{"picture", Counting({3, 1, 2})}, {"factor", {{1}, {10}}}});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_THAT(out->at("out").shape, ElementsAre(1, 3, 1, 2));
  EXPECT_THAT(out->at("out").values, ElementsAre(10, 20, 30, 40, 50, 60));
}

TEST(FeatureTest, OutputsThatArePicturesAreChannelsHeightWidth) {
  for (bool rank5 : {false, true}) {
    TestNetwork network;
    if (rank5) network.UseRank5();
    auto& description = *network.model().mutable_description();
    AddImage(*description.add_input(), "in", schema::ImageFeatureType::RGB, 2, 2);
    AddImage(*description.add_output(), "out", schema::ImageFeatureType::RGB, 2, 2);
    network.Layer().mutable_activation()->mutable_relu();
    const auto model = network.Build();
    ASSERT_TRUE(model.ok()) << model.status();
    const auto engine = Engine::Create(*model);
    ASSERT_TRUE(engine.ok()) << engine.status();
    EXPECT_EQ(engine->outputs()[0].kind, FeatureKind::kImage);
    const auto out = engine->Run({{"in", Counting({3, 2, 2})}});
    ASSERT_TRUE(out.ok()) << out.status();
    EXPECT_THAT(out->at("out").shape, ElementsAre(3, 2, 2));
    EXPECT_EQ(out->at("out").values, Counting({3, 2, 2}).values);
  }
}

TEST(FeatureTest, ClassifiersGiveProbabilitiesInTheOrderOfTheirLabels) {
  TestNetwork network;
  network.Layer().mutable_softmaxnd()->set_axis(-1);
  network.Input("in", {3});
  // The same network as a classifier.
  schema::Model model = network.model();
  const schema::NeuralNetwork plain = model.neuralnetwork();
  auto& classifier = *model.mutable_neuralnetworkclassifier();
  *classifier.mutable_layers() = plain.layers();
  classifier.set_arrayinputshapemapping(plain.arrayinputshapemapping());
  classifier.set_labelprobabilitylayername("out");
  for (const char* label : {"cat", "dog", "owl"}) {
    classifier.mutable_stringclasslabels()->add_vector(label);
  }
  auto& description = *model.mutable_description();
  auto* label = description.add_output();
  label->set_name("label");
  label->mutable_type()->mutable_stringtype();
  auto* scores = description.add_output();
  scores->set_name("scores");
  scores->mutable_type()->mutable_dictionarytype()->mutable_stringkeytype();
  description.set_predictedfeaturename("label");
  description.set_predictedprobabilitiesname("scores");
  const auto opened = Model::FromBytes(model.SerializeAsString(), "classifier.mlmodel");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->description().class_labels, ElementsAre("cat", "dog", "owl"));
  const auto engine = Engine::Create(*opened);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto out = engine->Run({{"in", {{3}, {0, 0, 100}}}});
  ASSERT_TRUE(out.ok()) << out.status();
  ASSERT_EQ(out->size(), 1u);
  EXPECT_THAT(out->at("scores").values, Pointwise(FloatNear(1e-6f), {0, 0, 1}));
}

// h' = h + x, the state going in and out; left out, it starts at 0.
TEST(FeatureTest, AStateMayBeLeftOut) {
  TestNetwork network;
  network.UseRank5();
  auto& layer = network.Layer({"in", "h_in"}, {"out", "h_out"});
  auto& params = *layer.mutable_simplerecurrent();
  params.set_inputvectorsize(1);
  params.set_outputvectorsize(1);
  params.mutable_activation()->mutable_linear()->set_alpha(1);
  Fill(params.mutable_weightmatrix(), {1});
  Fill(params.mutable_recursionmatrix(), {1});
  network.Input("in", {1}).Input("h_in", {1}).Output("out").Output("h_out");
  network.model().mutable_description()->mutable_input(1)->mutable_type()->set_isoptional(true);
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto first = engine->Run({{"in", {{1}, {3}}}});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->at("h_out").values, ElementsAre(3));
  Tensor state = first->at("h_out");
  state.shape = {1};
  const auto second = engine->Run({{"in", {{1}, {4}}}, {"h_in", state}});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(second->at("out").values, ElementsAre(7));
  EXPECT_FALSE(engine->Run({{"h_in", state}}).ok());  // The other input is needed.
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Models in a row: what passes between them, and what is said of those that cannot run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/predictor.h"
#include "nbits/quantize.h"
#include "tests/pipeline/models.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace nbits::testing;  // NOLINT

const std::vector<std::vector<float>> kSwap = {{0, 1}, {2, 0}};

std::string ErrorOf(const schema::Model& made) {
  const auto outputs = RunModel(made, {});
  return outputs.ok() ? "no error" : std::string(outputs.status().message());
}

TEST(Pipeline, NetworksInARowPassValuesByName) {
  const schema::Model made = PipelineOf(
      {ProductNetwork("x", "h", kSwap), ProductNetwork("h", "y", {{1, 1}, {1, -1}, {0, 10}})});
  const auto outputs = RunModel(made, {{"x", {{1, 2}, {3, 5}}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ASSERT_EQ(outputs->size(), 1u);
  EXPECT_THAT(outputs->at("y").values, ElementsAre(11, -1, 60));
}

TEST(Pipeline, AMemberMayUseWhatAnyEarlierOneMade) {
  schema::Model made = PipelineOf({ProductNetwork("x", "h", kSwap), ProductNetwork("x", "g", kSwap),
                                   ProductNetwork("h", "y", kSwap)});
  *made.mutable_description()->add_output() = made.pipeline().models(1).description().output(0);
  const auto outputs = RunModel(made, {{"x", {{1, 2}, {3, 5}}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->at("g").values, ElementsAre(5, 6));
  EXPECT_THAT(outputs->at("y").values, ElementsAre(6, 10));
}

TEST(Pipeline, WithinAPipeline) {
  const schema::Model inner =
      PipelineOf({ProductNetwork("x", "h", kSwap), ProductNetwork("h", "y", kSwap)});
  const schema::Model made = PipelineOf({inner, ProductNetwork("y", "z", kSwap)});
  const auto outputs = RunModel(made, {{"x", {{1, 2}, {3, 5}}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->at("z").values, ElementsAre(10, 12));
  const auto model = Open(made);
  ASSERT_EQ(model->description().members.size(), 4u);
  EXPECT_EQ(model->description().members[2].path, "models[0]/models[1]");
  EXPECT_EQ(model->description().members[2].type, "neuralNetwork");
  EXPECT_EQ(model->description().members[3].name, "part 1");
}

TEST(Pipeline, RunsWeightsThatWereReplaced) {
  auto model = Open(PipelineOf({ProductNetwork("x", "h", kSwap), ProductNetwork("h", "y", kSwap)}));
  ASSERT_TRUE(model.ok());
  const auto half =
      Quantize(std::vector<float>{1, 0, 0, 1}, {2, 2}, {.mode = Mode::kFloat16, .bits = 16});
  ASSERT_TRUE(half.ok()) << half.status();
  ASSERT_TRUE(model->ReplaceWeight(1, *half).ok());
  const auto predictor = Predictor::Create(*model, {.threads = 1});
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  const auto outputs = predictor->Run({{"x", {{1, 2}, {3, 5}}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(outputs->at("y").values, ElementsAre(5, 6));
}

TEST(Pipeline, DetectorFromNetworkAndSuppression) {
  // The network gives boxes, the scores come as an input of the pipeline.
  schema::Model network = ProductNetwork("x", "boxes",
                                         {{1, 0},
                                          {0, 1},
                                          {0, 1},
                                          {0, 1},  //
                                          {1, 0},
                                          {0, 1},
                                          {0, 1},
                                          {0, 1},  //
                                          {0, 1},
                                          {1, 0},
                                          {0, 1},
                                          {0, 1}});
  network.mutable_description()
      ->mutable_output(0)
      ->mutable_type()
      ->mutable_multiarraytype()
      ->clear_shape();
  auto& layer = *network.mutable_neuralnetwork()->mutable_layers(0);
  layer.set_output(0, "flat");
  auto& reshape = *network.mutable_neuralnetwork()->add_layers();
  reshape.set_name("rows");
  reshape.add_input("flat");
  reshape.add_output("boxes");
  for (const int64_t extent : {3, 4}) reshape.mutable_reshapestatic()->add_targetshape(extent);
  schema::Model made = PipelineOf({network, SuppressionModel()});
  *made.mutable_description()->add_input() = made.pipeline().models(1).description().input(0);
  *made.mutable_description()->add_input() = made.pipeline().models(1).description().input(2);
  const TensorMap inputs = {{"x", {{1, 2}, {0.8f, 0.2f}}},
                            {"scores", {{3, 2}, {0.5f, 0.1f, 0.2f, 0.6f, 0.4f, 0.0f}}}};
  const auto outputs = RunModel(made, inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->at("confidence").shape, (Shape{2, 2}));
  EXPECT_THAT(outputs->at("confidence").values, ElementsAre(0.2f, 0.6f, 0.4f, 0.0f));
  EXPECT_THAT(outputs->at("coordinates").values,
              ElementsAre(0.8f, 0.2f, 0.2f, 0.2f, 0.2f, 0.8f, 0.2f, 0.2f));
  TensorMap strict = inputs;
  strict["least"] = {{1}, {0.5f}};
  EXPECT_EQ(RunModel(made, strict)->at("confidence").shape, (Shape{1, 2}));
  const auto model = Open(made);
  ASSERT_TRUE(model->description().detector.has_value());
  EXPECT_EQ(model->description().detector->coordinates, "coordinates");
  EXPECT_THAT(model->description().class_labels, ElementsAre("a", "b"));
}

TEST(Pipeline, NamesEveryMemberThatCannotRun) {
  const std::string error =
      ErrorOf(PipelineOf({OtherModel(401, "x", "h"), OtherModel(2001, "h", "y")}));
  EXPECT_THAT(error, HasSubstr("models[0] 'part 0', supportVectorClassifier"));
  EXPECT_THAT(error, HasSubstr("models[1] 'part 1', wordTagger"));
}

TEST(Pipeline, NamesTheMemberThatFails) {
  EXPECT_THAT(
      ErrorOf(PipelineOf({ProductNetwork("x", "h", kSwap), ProductNetwork("h", "y", {{1, 2, 3}})})),
      HasSubstr("models[1] 'part 1', neuralNetwork: "));
  EXPECT_THAT(ErrorOf(PipelineOf({ProductNetwork("x", "h", kSwap)})), HasSubstr("'x' is missing"));
  schema::Model empty;
  empty.set_specificationversion(4);
  empty.mutable_pipeline();
  EXPECT_THAT(ErrorOf(empty), HasSubstr("no members"));
}

TEST(Pipeline, TooManyMembersAreRefused) {
  schema::Model made;
  made.set_specificationversion(4);
  for (int i = 0; i < 1001; ++i) made.mutable_pipeline()->add_models();
  EXPECT_THAT(ErrorOf(made), HasSubstr("1001 members"));
}

}  // namespace
}  // namespace nbits

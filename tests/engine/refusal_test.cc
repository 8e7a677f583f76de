// SPDX-License-Identifier: Apache-2.0
// What the engine does not run, or not with these inputs: an error that says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::Counting;
using testing::Fill;
using ::testing::HasSubstr;
using testing::Set;
using testing::TestNetwork;

TEST(RefusalTest, CustomLayersAreNamedWithTheirClass) {
  TestNetwork network;
  network.Layer().mutable_custom()->set_classname("Swirl");
  network.Input("in", {1}).Output("out");
  const auto outputs = network.Run({{"in", Counting({1})}});
  EXPECT_THAT(std::string(outputs.status().message()),
              ::testing::AllOf(HasSubstr("layer1"), HasSubstr("custom"), HasSubstr("Swirl")));
}

// Each tensor is within its limit, all but the caller's together are not: nothing is allocated.
TEST(RefusalTest, ActivationsBeyondTheLimit) {
  TestNetwork network;
  network.Input("in", {1}).Output("out");
  for (const char* blob : {"a", "b", "c", "d", "e", "f"}) {
    auto& layer = network.Layer({"in"}, {blob});
    Set(layer.mutable_tile()->mutable_reps(), {int64_t{1} << 31});
  }
  network.Layer({"a", "b", "c", "d", "e", "f"}).mutable_add();
  const auto outputs = network.Run({{"in", Counting({1})}});
  EXPECT_EQ(outputs.status().code(), absl::StatusCode::kResourceExhausted) << outputs.status();
}

// A simple recurrent layer from vectors of `inputs` values to vectors of 2, in a network of five
// axes.
void AddRecurrent(TestNetwork& network, int64_t inputs, std::initializer_list<const char*> blobs) {
  auto& params = *network.UseRank5().Layer(blobs).mutable_simplerecurrent();
  params.set_inputvectorsize(static_cast<uint64_t>(inputs));
  params.set_outputvectorsize(2);
  params.set_sequenceoutput(true);
  params.mutable_activation()->mutable_tanh();
  Fill(params.mutable_weightmatrix(), std::vector<float>(static_cast<size_t>(2 * inputs), 0.5f));
  Fill(params.mutable_recursionmatrix(), std::vector<float>(4, 0.5f));
}

TEST(RefusalTest, SequencesAreToldTheirShape) {
  TestNetwork network;
  AddRecurrent(network, 1, {"in"});
  network.Input("in", {1}).Output("out");
  for (const Shape& shape : {Shape{400}, Shape{1, 400}}) {
    EXPECT_THAT(std::string(network.Run({{"in", Counting(shape)}}).status().message()),
                HasSubstr("(it takes 1; a sequence is steps x 1 x 1)"));
  }
  EXPECT_TRUE(network.Run({{"in", Counting({400, 1, 1})}}).ok());
}

TEST(RefusalTest, StatesOfOneSequenceForSeveral) {
  TestNetwork network;
  AddRecurrent(network, 5, {"in", "state"});
  network.Input("in", {5}).Input("state", {2}).Output("out");
  const TensorMap side_by_side = {{"in", Counting({4, 5})}, {"state", Counting({2})}};
  EXPECT_THAT(
      std::string(network.Run(side_by_side).status().message()),
      HasSubstr("the input holds 4 sequences side by side; one sequence is of shape steps x "
                "1 x 5"));
  EXPECT_TRUE(network.Run({{"in", Counting({4, 1, 5})}, {"state", Counting({2})}}).ok());
}

TEST(RefusalTest, InputsThatDoNotFit) {
  TestNetwork network;
  network.Layer().mutable_copy();
  network.Input("in", {2}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_THAT(std::string(engine->Run({}).status().message()), HasSubstr("'in' is missing"));
  for (const Tensor& tensor : {Tensor{{3}, {1, 2, 3}}, Tensor{{2}, {1}}, Tensor{{1, 2}, {1, 2}}}) {
    EXPECT_EQ(engine->Run({{"in", tensor}}).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(engine->Run({{"in", {{2}, {1, 2}}}}).ok());
}

TEST(RefusalTest, ShapesThatTheModelDoesNotTake) {
  TestNetwork network;
  network.Layer().mutable_copy();
  network.Input("in", {2}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{-1}, Shape{int64_t{1} << 40}}) {
    EXPECT_EQ(Engine::Create(*model, {}, {{"in", shape}}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Engine::Create(*model, {}, {{"out", {2}}}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(RefusalTest, OtherTypesOfModels) {
  schema::Model model;
  model.set_specificationversion(1);
  model.mutable_pipeline();
  const auto opened = Model::FromBytes(model.SerializeAsString(), "pipeline.mlmodel");
  ASSERT_TRUE(opened.ok()) << opened.status();
  const auto engine = Engine::Create(*opened);
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("pipeline"));
}

}  // namespace
}  // namespace nbits

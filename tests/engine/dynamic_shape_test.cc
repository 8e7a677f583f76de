// SPDX-License-Identifier: Apache-2.0
// Shapes that follow from values. Expected values are worked by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/engine/nested_layers.h"
#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::AddDoubling;
using ::testing::ElementsAre;
using testing::EvaluateAll;
using ::testing::HasSubstr;
using testing::TestNetwork;

TEST(DynamicShapeTest, IndicesOfNonZeroValuesLeadToTheValues) {
  TestNetwork network;
  network.Layer({"in"}, {"places"}).mutable_wherenonzero();
  network.Layer({"in", "places"}, {"out"}).mutable_gathernd();
  const auto out = EvaluateAll(network, {{"in", {{2, 3}, {0, 5, 0, 6, 0, 7}}}}, {"out", "places"});
  EXPECT_THAT(out.at("places").shape, ElementsAre(3, 2));
  EXPECT_THAT(out.at("places").values, ElementsAre(0, 1, 1, 0, 1, 2));
  EXPECT_THAT(out.at("out").values, ElementsAre(5, 6, 7));
}

TEST(DynamicShapeTest, AnEmptyResultIsAnError) {
  TestNetwork network;
  network.Layer({"in"}, {"out"}).mutable_wherenonzero();
  network.Input("in", {2}).Output("out");
  const auto out = network.Run({{"in", {{2}, {0, 0}}}});
  ASSERT_FALSE(out.ok());
  EXPECT_THAT(std::string(out.status().message()), HasSubstr("layer1"));
}

// What does not depend on values stays in the planned graph, and its results serve both.
TEST(DynamicShapeTest, StaticAndDynamicPartsMix) {
  TestNetwork network;
  network.Layer({"in"}, {"twice"}).mutable_multiply()->set_alpha(2);
  network.Layer({"count"}, {"zeros"}).mutable_filldynamic();
  network.Layer({"twice"}, {"still"}).mutable_multiply()->set_alpha(10);
  network.Layer({"zeros", "twice"}, {"out"}).mutable_concatnd();
  const auto out = EvaluateAll(network, {{"in", {{2}, {1, 2}}}, {"count", {{1}, {3}}}},
                               {"out", "still", "twice"});
  EXPECT_THAT(out.at("out").values, ElementsAre(0, 0, 0, 2, 4));
  EXPECT_THAT(out.at("still").values, ElementsAre(20, 40));
  EXPECT_THAT(out.at("twice").values, ElementsAre(2, 4));
}

// A layer that has been put off reads a blob before a later layer overwrites it.
TEST(DynamicShapeTest, OrderOfReadingAndOverwritingIsKept) {
  TestNetwork network;
  network.Layer({"in"}, {"x"}).mutable_copy();
  network.Layer({"x", "shape"}, {"out"}).mutable_reshapedynamic();
  network.Layer({"in"}, {"negative"}).mutable_multiply()->set_alpha(-1);
  network.Layer({"negative"}, {"x"}).mutable_copy();
  const auto out =
      EvaluateAll(network, {{"in", {{2}, {1, 2}}}, {"shape", {{2}, {2, 1}}}}, {"out", "x"});
  EXPECT_THAT(out.at("out").shape, ElementsAre(2, 1));
  EXPECT_THAT(out.at("out").values, ElementsAre(1, 2));
  EXPECT_THAT(out.at("x").values, ElementsAre(-1, -2));
}

// Shape arithmetic of constants alone leaves a graph that is planned as a whole.
TEST(DynamicShapeTest, ShapeArithmeticIsFolded) {
  TestNetwork network;
  network.Layer({"in"}, {"shape"}).mutable_getshape();
  network.Layer({"shape"}, {"reversed"}).mutable_reverse()->add_reversedim(true);
  network.Layer({"in", "reversed"}, {"out"}).mutable_reshapedynamic();
  network.Input("in", {2, 3}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_THAT(engine->outputs()[0].shape, ElementsAre(3, 2));
}

// Planning does not compute large constants: that is left to the run.
TEST(DynamicShapeTest, LargeConstantsAreNotFolded) {
  TestNetwork network;
  auto& zeros = *network.Layer({}, {"zeros"}).mutable_fillstatic();
  zeros.add_targetshape((1 << 20) + 1);
  network.Layer({"zeros"}, {"sum"}).mutable_reducesum()->set_reduceall(true);
  network.Layer({"sum"}, {"extent"}).mutable_activation()->mutable_linear()->set_beta(2);
  network.Layer({"extent"}, {"ones"}).mutable_filldynamic()->set_value(1);
  network.Layer({"ones", "in"}, {"out"}).mutable_addbroadcastable();
  network.Input("in", {1}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_TRUE(engine->outputs()[0].shape.empty());
  const auto out = engine->Run({{"in", {{1}, {4}}}});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_THAT(out->at("out").values, ElementsAre(5, 5));
}

TEST(DynamicShapeTest, ValuesThatAreNoExtentsAreRefused) {
  for (float extent : {-1.0f, 0.0f, 1e30f, std::numeric_limits<float>::quiet_NaN()}) {
    TestNetwork network;
    network.Layer({"in"}, {"out"}).mutable_filldynamic();
    network.Input("in", {1}).Output("out");
    const auto out = network.Run({{"in", {{1}, {extent}}}});
    ASSERT_FALSE(out.ok());
    EXPECT_EQ(out.status().code(), absl::StatusCode::kInvalidArgument) << out.status();
    EXPECT_THAT(std::string(out.status().message()), HasSubstr("layer1"));
  }
}

TEST(DynamicShapeTest, OneEngineRunsAgainAndAgain) {
  TestNetwork network;
  AddDoubling(network);
  network.Input("in", {1}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  for (float start : {3.0f, 4.0f, 11.0f}) {
    const auto out = engine->Run({{"in", {{1}, {start}}}});
    ASSERT_TRUE(out.ok()) << out.status();
    EXPECT_EQ(out->at("out").values[0], start < 10 ? (start == 3 ? 12 : 16) : 11);
  }
}

TEST(DynamicShapeTest, OneEngineRunsInSeveralThreads) {
  TestNetwork network;
  AddDoubling(network);
  network.Input("in", {1}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model, {.threads = 1});
  ASSERT_TRUE(engine.ok()) << engine.status();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&engine, t] {
      for (int i = 0; i < 20; ++i) {
        const float start = t % 2 == 0 ? 3 : 4;
        const auto out = engine->Run({{"in", {{1}, {start}}}});
        ASSERT_TRUE(out.ok()) << out.status();
        EXPECT_EQ(out->at("out").values[0], 4 * start);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace nbits

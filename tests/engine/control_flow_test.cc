// SPDX-License-Identifier: Apache-2.0
// Branches and loops. Expected values are worked by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/nested_layers.h"
#include "tests/engine/network.h"

namespace nbits {
namespace {

using testing::AddDoubling;
using testing::AddLayer;
using testing::Counting;
using ::testing::ElementsAre;
using testing::Evaluate;
using testing::EvaluateAll;
using testing::Fill;
using ::testing::HasSubstr;
using testing::Set;
using testing::TestNetwork;

using Network = schema::NeuralNetwork;
using NetworkLayer = schema::NeuralNetworkLayer;

// blob = blob + amount, as layers of the format do it: into another blob, then copied back.
void AddIncrement(Network& network, const char* blob, float amount) {
  auto& sum = *AddLayer(network, {blob}, {"sum"}).mutable_activation()->mutable_linear();
  sum.set_alpha(1);
  sum.set_beta(amount);
  AddLayer(network, {"sum"}, {blob}).mutable_copy();
}

void AddConstant(Network& network, const char* blob, float value) {
  auto& constant = *AddLayer(network, {}, {blob}).mutable_loadconstantnd();
  constant.add_shape(1);
  Fill(constant.mutable_data(), {value});
}

TEST(BranchTest, TakesTheBranchThatItsInputSays) {
  for (float condition : {1.0f, 0.0f, 1e-7f, -1.0f}) {
    TestNetwork network;
    auto& branch = *network.Layer({"if"}, {}).mutable_branch();
    AddLayer(*branch.mutable_ifbranch(), {"in"}, {"out"}).mutable_copy();
    AddLayer(*branch.mutable_elsebranch(), {"in"}, {"out"}).mutable_sign();
    const auto out = EvaluateAll(network, {{"if", {{1}, {condition}}}, {"in", {{2}, {5, -7}}}});
    if (std::abs(condition) > 1e-6f) {
      EXPECT_THAT(out.at("out").values, ElementsAre(5, -7));
    } else {
      EXPECT_THAT(out.at("out").values, ElementsAre(1, -1));
    }
  }
}

// The branches give tensors of different shapes, which layers behind the branch read.
TEST(BranchTest, LayersBehindItSeeTheShapeThatCameOut) {
  TestNetwork network;
  auto& branch = *network.Layer({"if"}, {}).mutable_branch();
  Set(AddLayer(*branch.mutable_ifbranch(), {"in"}, {"x"})
          .mutable_reshapestatic()
          ->mutable_targetshape(),
      {2, 3});
  Set(AddLayer(*branch.mutable_elsebranch(), {"in"}, {"x"})
          .mutable_reshapestatic()
          ->mutable_targetshape(),
      {3, 2});
  network.Layer({"x"}, {"out"}).mutable_reducesum()->add_axes(1);
  TestNetwork copy = network;
  EXPECT_THAT(EvaluateAll(network, {{"if", {{1}, {1}}}, {"in", Counting({6})}}).at("out").values,
              ElementsAre(6, 15));
  EXPECT_THAT(EvaluateAll(copy, {{"if", {{1}, {0}}}, {"in", Counting({6})}}).at("out").values,
              ElementsAre(3, 7, 11));
}

// A condition that follows from the shape of an input is decided when the network is planned.
TEST(BranchTest, DecidedByAShape) {
  TestNetwork network;
  network.Layer({"in"}, {"shape"}).mutable_getshape();
  network.Layer({"shape"}, {"long"}).mutable_greaterthan()->set_alpha(2);
  auto& branch = *network.Layer({"long"}, {}).mutable_branch();
  AddLayer(*branch.mutable_ifbranch(), {"in"}, {"out"}).mutable_reducesum()->set_reduceall(true);
  AddLayer(*branch.mutable_elsebranch(), {"in"}, {"out"}).mutable_copy();
  TestNetwork copy = network;
  EXPECT_THAT(Evaluate(network, Counting({3})).values, ElementsAre(6));
  EXPECT_THAT(Evaluate(copy, Counting({2})).values, ElementsAre(1, 2));
}

TEST(BranchTest, AnOutputThatTheBranchDoesNotMakeIsAnError) {
  TestNetwork network;
  AddLayer(*network.Layer({"in"}, {}).mutable_branch()->mutable_ifbranch(), {"in"}, {"out"})
      .mutable_copy();
  network.Input("in", {1}).Output("out");
  const auto out = network.Run({{"in", {{1}, {0}}}});
  ASSERT_FALSE(out.ok());
  EXPECT_THAT(std::string(out.status().message()), HasSubstr("'out' is not produced"));
}

TEST(LoopTest, RunsAsOftenAsItSays) {
  TestNetwork network;
  network.Layer({"in"}, {"out"}).mutable_copy();
  auto& loop = *network.Layer({}, {}).mutable_loop();
  loop.set_maxloopiterations(5);
  AddIncrement(*loop.mutable_bodynetwork(), "out", 2);
  EXPECT_THAT(Evaluate(network, {{2}, {1, 10}}).values, ElementsAre(11, 20));
}

TEST(LoopTest, TheNumberOfIterationsMayBeAnInput) {
  TestNetwork network;
  network.Layer({"in"}, {"out"}).mutable_copy();
  auto& loop = *network.Layer({"count"}, {}).mutable_loop();
  loop.set_maxloopiterations(100);
  AddIncrement(*loop.mutable_bodynetwork(), "out", 1);
  const auto out = EvaluateAll(network, {{"in", {{1}, {0}}}, {"count", {{1}, {3}}}});
  EXPECT_THAT(out.at("out").values, ElementsAre(3));
}

TEST(LoopTest, ANumberOfIterationsThatIsNoneRunsNothing) {
  for (float count : {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    TestNetwork network;
    network.Layer({"in"}, {"out"}).mutable_copy();
    AddIncrement(*network.Layer({"count"}, {}).mutable_loop()->mutable_bodynetwork(), "out", 1);
    const auto out = EvaluateAll(network, {{"in", {{1}, {7}}}, {"count", {{1}, {count}}}});
    EXPECT_THAT(out.at("out").values, ElementsAre(7));
  }
}

TEST(LoopTest, RunsWhileTheConditionHolds) {
  TestNetwork network;
  AddDoubling(network);
  EXPECT_THAT(Evaluate(network, {{1}, {3}}).values, ElementsAre(12));
}

TEST(LoopTest, ACountLimitsTheCondition) {
  TestNetwork network;
  AddDoubling(network).mutable_loop()->set_maxloopiterations(1);
  EXPECT_THAT(Evaluate(network, {{1}, {3}}).values, ElementsAre(6));
}

TEST(LoopTest, AConditionThatFailsAtOnceRunsNothing) {
  TestNetwork network;
  AddDoubling(network);
  EXPECT_THAT(Evaluate(network, {{1}, {30}}).values, ElementsAre(30));
}

// for i in 1..6: if i == 2 continue; if i == 4 break; total += i
TEST(LoopTest, BreaksAndContinues) {
  TestNetwork network;
  network.Layer({"in"}, {"i"}).mutable_copy();
  network.Layer({"in"}, {"out"}).mutable_copy();
  auto& loop = *network.Layer({}, {}).mutable_loop();
  loop.set_maxloopiterations(6);
  Network& body = *loop.mutable_bodynetwork();
  AddIncrement(body, "i", 1);
  AddLayer(body, {"i"}, {"is2"}).mutable_equal()->set_alpha(2);
  AddLayer(*AddLayer(body, {"is2"}, {}).mutable_branch()->mutable_ifbranch(), {}, {})
      .mutable_loopcontinue();
  AddLayer(body, {"i"}, {"is4"}).mutable_equal()->set_alpha(4);
  AddLayer(*AddLayer(body, {"is4"}, {}).mutable_branch()->mutable_ifbranch(), {}, {})
      .mutable_loopbreak();
  AddLayer(body, {"out", "i"}, {"next"}).mutable_addbroadcastable();
  AddLayer(body, {"next"}, {"out"}).mutable_copy();
  const auto out = EvaluateAll(network, {{"in", {{1}, {0}}}}, {"out", "i"});
  EXPECT_THAT(out.at("out").values, ElementsAre(1 + 3));
  EXPECT_THAT(out.at("i").values, ElementsAre(4));
}

TEST(LoopTest, LoopsWithinLoops) {
  TestNetwork network;
  network.Layer({"in"}, {"out"}).mutable_copy();
  auto& outer = *network.Layer({}, {}).mutable_loop();
  outer.set_maxloopiterations(3);
  auto& inner = *AddLayer(*outer.mutable_bodynetwork(), {}, {}).mutable_loop();
  inner.set_maxloopiterations(4);
  AddIncrement(*inner.mutable_bodynetwork(), "out", 1);
  EXPECT_THAT(Evaluate(network, {{1}, {0}}).values, ElementsAre(12));
}

// The tensor grows in every iteration: nothing compiled for one shape may serve another.
TEST(LoopTest, ShapesMayChangeFromOneIterationToTheNext) {
  TestNetwork network;
  network.Layer({"in"}, {"out"}).mutable_copy();
  auto& loop = *network.Layer({}, {}).mutable_loop();
  loop.set_maxloopiterations(3);
  AddLayer(*loop.mutable_bodynetwork(), {"out", "in"}, {"longer"}).mutable_concatnd();
  AddLayer(*loop.mutable_bodynetwork(), {"longer"}, {"out"}).mutable_copy();
  EXPECT_THAT(Evaluate(network, {{1}, {7}}).values, ElementsAre(7, 7, 7, 7));
}

// A recurrent network written as a loop over a sequence: slices by a counter.
TEST(LoopTest, ACounterSelectsTheSlice) {
  TestNetwork network;
  AddConstant(network.network(), "i", 0);
  AddConstant(network.network(), "out", 0);
  auto& loop = *network.Layer({}, {}).mutable_loop();
  loop.set_maxloopiterations(4);
  Network& body = *loop.mutable_bodynetwork();
  auto& slice = *AddLayer(body, {"in", "i"}, {"x"}).mutable_slicebysize();
  slice.set_size(1);
  AddLayer(body, {"out"}, {"half"}).mutable_multiply()->set_alpha(0.5);
  AddLayer(body, {"half", "x"}, {"next"}).mutable_addbroadcastable();
  AddLayer(body, {"next"}, {"out"}).mutable_copy();
  AddIncrement(body, "i", 1);
  EXPECT_THAT(Evaluate(network, {{4}, {8, 4, 2, 1}}).values, ElementsAre(1 + 1 + 1 + 1));
}

TEST(LoopTest, OneThatNeverEndsIsStopped) {
  TestNetwork network;
  auto& loop = *network.Layer({}, {}).mutable_loop();
  loop.set_conditionvar("in");
  loop.mutable_conditionnetwork();
  loop.mutable_bodynetwork();
  network.Layer({"in"}, {"out"}).mutable_copy();
  network.Input("in", {1}).Output("out");
  const auto out = network.Run({{"in", {{1}, {1}}}});
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.status().code(), absl::StatusCode::kResourceExhausted) << out.status();
  EXPECT_THAT(std::string(out.status().message()), HasSubstr("loop"));
}

TEST(LoopTest, BreakOutsideOfALoopIsAnError) {
  TestNetwork network;
  network.Layer({}, {}).mutable_loopbreak();
  network.Layer({"in"}, {"out"}).mutable_copy();
  network.Input("in", {1}).Output("out");
  const auto out = network.Run({{"in", {{1}, {1}}}});
  ASSERT_FALSE(out.ok());
  EXPECT_THAT(std::string(out.status().message()), HasSubstr("outside of a loop"));
}

TEST(LoopTest, CustomLayersInsideAreRefusedAtOnce) {
  TestNetwork network;
  auto& loop = *network.Layer({}, {}).mutable_loop();
  AddLayer(*loop.mutable_bodynetwork(), {"in"}, {"out"}).mutable_custom()->set_classname("Swirl");
  network.Input("in", {1}).Output("out");
  const auto model = network.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("Swirl"));
}

}  // namespace
}  // namespace nbits

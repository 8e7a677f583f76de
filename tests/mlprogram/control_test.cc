// SPDX-License-Identifier: Apache-2.0
// Branches, loops, lists, states, labels and random values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nbits/engine.h"
#include "nbits/predictor.h"
#include "tests/mlprogram/program_builder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

std::vector<float> RunProgram(const ProgramBuilder& program, const TensorMap& inputs) {
  const auto model = program.Build();
  EXPECT_TRUE(model.ok()) << model.status();
  if (!model.ok()) return {};
  const auto engine = Engine::Create(*model);
  EXPECT_TRUE(engine.ok()) << engine.status();
  if (!engine.ok()) return {};
  const auto outputs = engine->Run(inputs);
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  return outputs.ok() ? outputs->at("y").values : std::vector<float>();
}

Tensor Vector(std::vector<float> values) {
  const auto count = static_cast<int64_t>(values.size());
  return {{count}, std::move(values)};
}

// y = sum(x) > 0 ? x + 1 : x * 2
ProgramBuilder Branch() {
  ProgramBuilder program;
  program.Input("x", {2});
  program.Add("reduce_sum").In("x", "x").Out("sum", {});
  program.Add("greater")
      .In("x", "sum")
      .In("y", FloatsValue({0}, {}))
      .Out("positive", {}, mil::BOOL);
  auto branch = program.Add("cond").In("pred", "positive").Out("y", {2});
  mil::Block& yes = *branch.operation().add_blocks();
  AddOperation(yes, "add").In("x", "x").In("y", FloatsValue({1}, {})).Out("more", {2});
  yes.add_outputs("more");
  mil::Block& no = *branch.operation().add_blocks();
  AddOperation(no, "mul").In("x", "x").In("y", FloatsValue({2}, {})).Out("twice", {2});
  no.add_outputs("twice");
  program.Output("y");
  return program;
}

TEST(ProgramControl, BranchesAreTaken) {
  const ProgramBuilder program = Branch();
  EXPECT_THAT(RunProgram(program, {{"x", Vector({1, 2})}}), ElementsAre(2, 3));
  EXPECT_THAT(RunProgram(program, {{"x", Vector({-1, -2})}}), ElementsAre(-2, -4));
}

TEST(ProgramControl, ABranchThatConstantsDecideIsNone) {
  ProgramBuilder program = Branch();
  (*program.block().mutable_operations(2)->mutable_inputs())["pred"].Clear();
  OperationBuilder(*program.block().mutable_operations(2)).In("pred", FlagsValue({false}, {}));
  EXPECT_THAT(RunProgram(program, {{"x", Vector({1, 2})}}), ElementsAre(2, 4));
}

// i = 0, y = x; while (i < 3) { y = y * 2; i = i + 1 }
TEST(ProgramControl, LoopsRunUntilTheirConditionFails) {
  ProgramBuilder program;
  program.Input("x", {2});
  auto loop = program.Add("while_loop")
                  .In("loop_vars", FloatsValue({0}, {}))
                  .In("loop_vars", "x")
                  .Out("count", {})
                  .Out("y", {2});
  const auto add_inputs = [](mil::Block& block, const std::string& suffix) {
    block.add_inputs()->set_name("i" + suffix);
    block.add_inputs()->set_name("v" + suffix);
  };
  mil::Block& condition = *loop.operation().add_blocks();
  add_inputs(condition, "_c");
  AddOperation(condition, "less")
      .In("x", "i_c")
      .In("y", FloatsValue({3}, {}))
      .Out("on", {}, mil::BOOL);
  condition.add_outputs("on");
  mil::Block& body = *loop.operation().add_blocks();
  add_inputs(body, "_b");
  AddOperation(body, "mul").In("x", "v_b").In("y", FloatsValue({2}, {})).Out("v2", {2});
  AddOperation(body, "add").In("x", "i_b").In("y", FloatsValue({1}, {})).Out("i2", {});
  body.add_outputs("i2");
  body.add_outputs("v2");
  program.Output("y");
  EXPECT_THAT(RunProgram(program, {{"x", Vector({1, -0.5f})}}), ElementsAre(8, -4));
}

void AddList(ProgramBuilder& program) {
  auto list = program.Add("make_list").In("init_length", IntegersValue({2}, {}));
  list.In("elem_shape", IntegersValue({2}, {}));
  list.operation().add_outputs()->set_name("list");
  list.operation().mutable_outputs(0)->mutable_type()->mutable_listtype();
}

OperationBuilder ListOperation(ProgramBuilder& program, const std::string& type,
                               const std::string& from, const std::string& to) {
  auto operation = program.Add(type).In("ls", from);
  operation.operation().add_outputs()->set_name(to);
  operation.operation().mutable_outputs(0)->mutable_type()->mutable_listtype();
  return operation;
}

TEST(ProgramControl, ListsHoldWhatWasWritten) {
  ProgramBuilder program;
  program.Input("x", {2});
  program.Input("rows", {2, 2});
  AddList(program);
  ListOperation(program, "list_write", "list", "first")
      .In("index", IntegersValue({0}, {}))
      .In("value", "x");
  // Writing gives a list of its own, and one that is as long as it has to be.
  ListOperation(program, "list_scatter", "first", "second")
      .In("indices", IntegersValue({3, 1}, {2}))
      .In("value", "rows");
  program.Add("list_gather")
      .In("ls", "second")
      .In("indices", IntegersValue({1, 0, 3}, {3}))
      .Out("joined", {3, 2});
  program.Add("list_read").In("ls", "first").In("index", IntegersValue({0}, {})).Out("read", {2});
  program.Add("list_length").In("ls", "second").Out("length", {}, mil::INT32);
  program.Add("mul").In("x", "joined").In("y", "read").Out("product", {3, 2});
  program.Add("add").In("x", "product").In("y", "length").Out("y", {3, 2});
  program.Output("y");
  EXPECT_THAT(RunProgram(program, {{"x", Vector({2, 3})}, {"rows", {{2, 2}, {1, 2, 3, 4}}}}),
              ElementsAre(3 * 2 + 4, 4 * 3 + 4, 2 * 2 + 4, 3 * 3 + 4, 1 * 2 + 4, 2 * 3 + 4));
}

TEST(ProgramControl, AnElementThatWasNeverWrittenIsAnError) {
  ProgramBuilder program;
  program.Input("x", {2});
  AddList(program);
  program.Add("list_read").In("ls", "list").In("index", IntegersValue({1}, {})).Out("y", {2});
  program.Output("y");
  const auto model = program.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_TRUE(absl::IsInvalidArgument(engine->Run({{"x", Vector({1, 2})}}).status()));
}

// A state that adds up what comes in.
TEST(ProgramControl, StatesGoFromRunToRun) {
  ProgramBuilder program(8);
  program.Input("x", {2});
  mil::NamedValueType& state = *program.function().add_inputs();
  state.set_name("sum");
  SetTensorType(mil::FLOAT16, {2},
                *state.mutable_type()->mutable_statetype()->mutable_wrappedtype());
  program.Add("read_state").In("input", "sum").Out("before", {2});
  program.Add("add").In("x", "before").In("y", "x").Out("after", {2});
  program.Add("write_state").In("input", "sum").In("data", "after");
  program.Add("mul").In("x", "after").In("y", FloatsValue({2}, {})).Out("y", {2});
  program.Output("y");
  const auto model = program.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  const auto predictor = Predictor::Create(*model);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  EXPECT_EQ(predictor->inputs().size(), 1u);
  EXPECT_EQ(predictor->outputs().size(), 1u);
  for (const float times : {2.0f, 4.0f, 6.0f}) {
    const auto outputs = predictor->Run({{"x", Vector({1, -3})}});
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_THAT(outputs->at("y").values, ElementsAre(times, -3 * times));
  }
}

TEST(ProgramControl, LabelsComeWithTheirProbabilities) {
  ProgramBuilder program;
  program.Input("x", {3});
  program.Add("softmax").In("x", "x").Out("p", {3});
  auto classify = program.Add("classify").In("probabilities", "p");
  mil::Value classes;
  for (const char* name : {"cat", "dog", "owl"}) {
    *classes.mutable_immediatevalue()->mutable_list()->add_values() = TextValueOf(name);
  }
  classify.In("classes", classes).Out("label", {}, mil::STRING);
  classify.operation().add_outputs()->set_name("scores");
  classify.operation().mutable_outputs(1)->mutable_type()->mutable_dictionarytype();
  auto& description = *program.model().mutable_description();
  auto& label = *description.add_output();
  label.set_name("label");
  label.mutable_type()->mutable_stringtype();
  auto& scores = *description.add_output();
  scores.set_name("scores");
  scores.mutable_type()->mutable_dictionarytype();
  description.set_predictedfeaturename("label");
  description.set_predictedprobabilitiesname("scores");
  const auto model = program.Build();
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(model->description().class_labels, ElementsAre("cat", "dog", "owl"));
  const auto engine = Engine::Create(*model);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto outputs = engine->Run({{"x", Vector({0, 1, 0})}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  const float e = std::exp(1.0f);
  EXPECT_THAT(outputs->at("scores").values,
              ElementsAre(FloatNear(1 / (e + 2), 1e-6f), FloatNear(e / (e + 2), 1e-6f),
                          FloatNear(1 / (e + 2), 1e-6f)));
}

TEST(ProgramControl, RandomValuesFollowTheirSeedAndDistribution) {
  constexpr int kCount = 4000;
  const auto draw = [&](const std::string& type, const std::string& a, float from,
                        const std::string& b, float to, int seed) {
    ProgramBuilder program;
    program.Input("x", {1});
    auto random = program.Add(type)
                      .In("shape", IntegersValue({kCount}, {1}))
                      .In("seed", IntegersValue({seed}, {}))
                      .In(a, FloatsValue({from}, {}));
    if (!b.empty()) random.In(b, FloatsValue({to}, {}));
    random.Out("r", {kCount});
    program.Add("add").In("x", "r").In("y", "x").Out("y", {kCount});
    program.Output("y");
    return RunProgram(program, {{"x", Vector({0})}});
  };
  const auto mean = [](const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  const auto uniform = draw("random_uniform", "low", 1, "high", 3, 5);
  ASSERT_EQ(uniform.size(), static_cast<size_t>(kCount));
  EXPECT_EQ(uniform, draw("random_uniform", "low", 1, "high", 3, 5));
  EXPECT_NE(uniform, draw("random_uniform", "low", 1, "high", 3, 6));
  EXPECT_NEAR(mean(uniform), 2, 0.1);
  EXPECT_NEAR(mean(draw("random_normal", "mean", -1, "stddev", 0.5f, 1)), -1, 0.1);
  EXPECT_NEAR(mean(draw("random_bernoulli", "prob", 0.25f, "", 0, 1)), 0.25, 0.05);
}

TEST(ProgramControl, ClassesAreDrawnByTheirProbability) {
  ProgramBuilder program;
  program.Input("x", {1, 3});
  program.Add("random_categorical")
      .In("x", "x")
      .In("mode", TextValueOf("probs"))
      .In("size", IntegersValue({2000}, {}))
      .In("seed", IntegersValue({3}, {}))
      .Out("y", {1, 2000});
  program.Output("y");
  const auto drawn = RunProgram(program, {{"x", {{1, 3}, {0, 0.25f, 0.75f}}}});
  const auto twos = std::count(drawn.begin(), drawn.end(), 2.0f);
  EXPECT_NEAR(static_cast<double>(twos), 1500, 120);
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 0.0f), 0);
}

}  // namespace
}  // namespace nbits

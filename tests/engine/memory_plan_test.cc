#include "engine/memory_plan.h"

#include <gtest/gtest.h>

#include "graph/import/builder.h"

namespace nbits {
namespace {

using graph::Builder;
using graph::TensorId;

TensorId Tanh(Builder& builder, TensorId input) {
  return *builder.AddOne(graph::Unary{graph::UnaryFunction::kTanh}, {input});
}

// Does not run in place.
TensorId Softmax(Builder& builder, TensorId input) {
  return *builder.AddOne(graph::Softmax{0}, {input});
}

MemoryPlan Plan(Builder& builder, TensorId output) {
  builder.graph().outputs.push_back({{}, output});
  const auto plan = PlanMemory(builder.graph());
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *plan;
}

TensorId Start(Builder& builder) {
  const TensorId input = *builder.AddInput("in", {16});
  builder.graph().inputs.push_back({{}, input});
  return input;
}

TEST(MemoryPlanTest, AChainNeedsTwoBlocks) {
  Builder builder;
  TensorId value = Start(builder);
  for (int i = 0; i < 10; ++i) value = Softmax(builder, value);
  EXPECT_EQ(Plan(builder, value).arena_bytes, 2 * 64);
}

TEST(MemoryPlanTest, InPlaceOperationsNeedOne) {
  Builder builder;
  TensorId value = Softmax(builder, Start(builder));
  for (int i = 0; i < 10; ++i) value = Tanh(builder, value);
  EXPECT_EQ(Plan(builder, value).arena_bytes, 64);
}

TEST(MemoryPlanTest, TheCallersInputIsNeverOverwritten) {
  Builder builder;
  const TensorId input = Start(builder);
  const TensorId reshaped = *builder.AddOne(graph::Reshape{{4, 4}}, {input});
  const TensorId output = Tanh(builder, reshaped);
  const MemoryPlan plan = Plan(builder, output);
  EXPECT_EQ(plan.tensors[reshaped].input, 0);
  EXPECT_EQ(plan.tensors[output].input, -1);
}

TEST(MemoryPlanTest, AValueReadLaterIsNotOverwritten) {
  Builder builder;
  const TensorId a = Softmax(builder, Start(builder));
  const TensorId view = *builder.AddOne(graph::Reshape{{4, 4}}, {a});
  const TensorId b = Tanh(builder, a);  // `view` is the memory of `a`, and is read below.
  const TensorId c = *builder.AddOne(graph::Reshape{{16}}, {view});
  const TensorId sum = *builder.AddOne(graph::Binary{}, {b, c});
  const MemoryPlan plan = Plan(builder, sum);
  EXPECT_EQ(plan.tensors[view].offset, plan.tensors[a].offset);
  EXPECT_NE(plan.tensors[b].offset, plan.tensors[a].offset);
}

TEST(MemoryPlanTest, AnOutputLivesToTheEnd) {
  Builder builder;
  const TensorId kept = Softmax(builder, Start(builder));
  builder.graph().outputs.push_back({{}, kept});
  TensorId value = kept;
  for (int i = 0; i < 4; ++i) value = Softmax(builder, value);
  const MemoryPlan plan = Plan(builder, value);
  for (TensorId id = kept + 1; id <= value; ++id) {
    EXPECT_NE(plan.tensors[id].offset, plan.tensors[kept].offset);
  }
}

}  // namespace
}  // namespace nbits

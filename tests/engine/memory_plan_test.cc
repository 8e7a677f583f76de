// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/memory_plan.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/memory/memory_placement.h"
#include "formats/neural_network/import/builder.h"

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

// All bytes of both are in the same memory.
bool AtTheSamePlace(const Placement& a, const Placement& b) {
  return a.input == b.input && a.output == b.output && a.offset == b.offset;
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
  EXPECT_EQ(Plan(builder, Softmax(builder, value)).arena_bytes, 64);
}

TEST(MemoryPlanTest, AnOutputIsWrittenIntoTheCallersMemory) {
  Builder builder;
  const TensorId hidden = Softmax(builder, Start(builder));
  const TensorId first = Softmax(builder, hidden);
  const TensorId output = Tanh(builder, first);  // In place.
  const MemoryPlan plan = Plan(builder, output);
  EXPECT_EQ(plan.tensors[output].output, 0);
  EXPECT_EQ(plan.tensors[first].output, 0);
  EXPECT_EQ(plan.output_first[0], 1);
  EXPECT_EQ(plan.arena_bytes, 64);
}

TEST(MemoryPlanTest, AValueGivenOutTwiceIsCopied) {
  Builder builder;
  const TensorId value = Softmax(builder, Start(builder));
  builder.graph().outputs.push_back({{}, value});
  const MemoryPlan plan = Plan(builder, value);
  EXPECT_EQ(plan.output_first, (std::vector<int>{0, -1}));
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
  EXPECT_TRUE(AtTheSamePlace(plan.tensors[view], plan.tensors[a]));
  EXPECT_FALSE(AtTheSamePlace(plan.tensors[b], plan.tensors[a]));
}

TEST(MemoryPlanTest, OfTwoOperandsTheOneThatIsFreeIsOverwritten) {
  Builder builder;
  const TensorId a = Softmax(builder, Start(builder)), b = Softmax(builder, a);
  const TensorId sum = *builder.AddOne(graph::Binary{}, {a, b});
  const TensorId output =
      *builder.AddOne(graph::MatrixProduct{}, {*builder.AddOne(graph::Reshape{{4, 4}}, {a}),
                                               *builder.AddOne(graph::Reshape{{4, 4}}, {sum})});
  const MemoryPlan plan = Plan(builder, output);
  EXPECT_TRUE(AtTheSamePlace(plan.tensors[sum], plan.tensors[b]));
}

// relu(convolution(x)) + a, written over `a`; over x, which other pixels need, never.
TEST(MemoryPlanTest, AConvolutionWritesOverWhatItAdds) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  builder.graph().inputs.push_back({{}, input});
  const TensorId x = Softmax(builder, input), a = Softmax(builder, input);
  PackedTensor weight;
  weight.shape = {16, 16, 1, 1};
  graph::Convolution op;
  op.output = {4, 4};
  op.output_channels = 16;
  op.weight = builder.AddWeight(weight);
  const TensorId sum = *builder.AddOne(op, {x});
  graph::Node& node = builder.graph().nodes.back();
  std::get<graph::Convolution>(node.op).addition = graph::Addition::kAfterActivation;
  node.inputs.push_back(a);
  const MemoryPlan plan = Plan(builder, Softmax(builder, sum));
  EXPECT_TRUE(AtTheSamePlace(plan.tensors[sum], plan.tensors[a]));
  EXPECT_EQ(plan.arena_bytes, 2 * 16 * 4 * 4 * 4);
}

// ---- Concatenation ------------------------------------------------------------------------------

TEST(MemoryPlanTest, InputsOfAConcatenationStandInItsOutput) {
  Builder builder;
  const TensorId input = Start(builder);
  const TensorId a = Softmax(builder, input), b = Softmax(builder, input);
  const TensorId inner = *builder.AddOne(graph::Concat{0}, {a, b});
  const TensorId c = Softmax(builder, input);
  const TensorId outer = *builder.AddOne(graph::Concat{0}, {c, inner});
  const MemoryPlan plan = Plan(builder, Softmax(builder, outer));
  const int64_t start = plan.tensors[outer].offset;
  EXPECT_EQ(plan.tensors[c].offset, start);
  EXPECT_EQ(plan.tensors[inner].offset, start + 64);
  EXPECT_EQ(plan.tensors[a].offset, start + 64);
  EXPECT_EQ(plan.tensors[b].offset, start + 128);
  EXPECT_EQ(plan.arena_bytes, 3 * 64);
}

TEST(MemoryPlanTest, AnInputOfTwoConcatenationsStandsInOne) {
  Builder builder;
  const TensorId input = Start(builder);
  const TensorId a = Softmax(builder, input), b = Softmax(builder, input);
  const TensorId first = *builder.AddOne(graph::Concat{0}, {a, b});
  const TensorId second = *builder.AddOne(graph::Concat{0}, {b, a});
  const TensorId output = *builder.AddOne(graph::Binary{}, {first, second});
  const MemoryPlan plan = Plan(builder, Softmax(builder, output));
  EXPECT_EQ(plan.tensors[a].offset, plan.tensors[first].offset);
  EXPECT_EQ(plan.arena_bytes, 4 * 64);
}

TEST(MemoryPlanTest, PartsOfAnInnerAxisAreCopied) {
  Builder builder;
  const TensorId input = Start(builder);
  const TensorId a = *builder.AddOne(graph::Reshape{{4, 4}}, {Softmax(builder, input)});
  const TensorId joined = *builder.AddOne(graph::Concat{1}, {a, a});
  const MemoryPlan plan = Plan(builder, Softmax(builder, joined));
  EXPECT_EQ(plan.arena_bytes, 3 * 64);
}

// ---- Placement ----------------------------------------------------------------------------------

// Bytes of `a` and `b`, moved to their places, that are in use at the same time.
bool Collide(const Body& a, const Body& b) {
  for (const Piece& p : a.pieces) {
    for (const Piece& q : b.pieces) {
      const bool in_time = p.first <= q.last && q.first <= p.last;
      const int64_t begin_p = a.offset + p.offset, begin_q = b.offset + q.offset;
      if (in_time && begin_p < begin_q + q.bytes && begin_q < begin_p + p.bytes) return true;
    }
  }
  return false;
}

TEST(MemoryPlacementTest, RandomBodiesNeverCollide) {
  std::mt19937 generator(5);
  const auto random = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(generator);
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<Body> bodies(random(1, 60));
    for (Body& body : bodies) {
      int64_t offset = 0;
      for (int piece = random(1, 3); piece > 0; --piece) {
        const int first = random(0, 50), bytes = 64 * random(1, 20);
        body.pieces.push_back({offset, bytes, first, first + random(0, 12)});
        offset += bytes;
      }
    }
    const int64_t size = PlaceBodies(bodies, 64);
    EXPECT_GE(size, LivenessBound(bodies));
    for (size_t i = 0; i < bodies.size(); ++i) {
      EXPECT_EQ(bodies[i].offset % 64, 0);
      for (const Piece& piece : bodies[i].pieces) {
        EXPECT_LE(bodies[i].offset + piece.offset + piece.bytes, size);
      }
      for (size_t j = 0; j < i; ++j) ASSERT_FALSE(Collide(bodies[i], bodies[j]));
    }
  }
}

TEST(MemoryPlacementTest, OthersUseTheGapUntilAPartIsWritten) {
  // The second part of the first body is written at step 5.
  std::vector<Body> bodies = {{{{0, 64, 0, 9}, {64, 64, 5, 9}}}, {{{0, 64, 0, 4}}}};
  EXPECT_EQ(PlaceBodies(bodies, 64), 128);
  EXPECT_EQ(LivenessBound(bodies), 128);
}

}  // namespace
}  // namespace nbits

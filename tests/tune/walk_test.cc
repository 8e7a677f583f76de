// SPDX-License-Identifier: Apache-2.0
// What a walk goes through: positions, values at its front, stretches of the network.
#include <gtest/gtest.h>

#include "formats/neural_network/import/builder.h"
#include "graph/segment.h"
#include "tune/activation_store.h"
#include "tune/positions.h"
#include "tune/stretches.h"
#include "tune/twin_walk.h"

namespace nbits {
namespace {

TEST(Positions, OneInEachPart) {
  const std::vector<int64_t> positions = ChoosePositions(1000, 10, 3);
  ASSERT_EQ(positions.size(), 10u);
  for (size_t i = 0; i < positions.size(); ++i) {
    EXPECT_EQ(positions[i] / 100, static_cast<int64_t>(i));
  }
  EXPECT_EQ(positions, ChoosePositions(1000, 10, 3));
  EXPECT_NE(positions, ChoosePositions(1000, 10, 4));
  EXPECT_EQ(ChoosePositions(3, 10, 1), (std::vector<int64_t>{0, 1, 2}));
}

Tensor Numbered(int64_t count, float first) {
  Tensor tensor{{count}, {}};
  for (int64_t i = 0; i < count; ++i) tensor.values.push_back(first + static_cast<float>(i));
  return tensor;
}

// Of four values of 100 floats each in memory for one: all come back, and what is freed is used
// again.
TEST(ActivationStore, SpillsBeyondItsLimit) {
  constexpr int64_t kBytes = 400;
  ActivationStore store(kBytes);
  const graph::TensorId ids[] = {0, 1, 2, 3};
  const auto put = [&](float first) {
    TensorMap values;
    for (const graph::TensorId id : ids) {
      values[graph::ValueName(id)] = Numbered(100, first + static_cast<float>(1000 * id));
    }
    ASSERT_TRUE(store.Return(7, ids, values).ok());
  };
  put(0);
  EXPECT_EQ(store.held_bytes(), kBytes);
  EXPECT_EQ(store.spilled_bytes(), 3 * kBytes);
  for (int time = 0; time < 2; ++time) {
    auto lent = store.Lend(7, ids);
    ASSERT_TRUE(lent.ok()) << lent.status();
    EXPECT_EQ(store.held_bytes(), 0);
    EXPECT_EQ(lent->at(graph::ValueName(2)).values, Numbered(100, 2000).values);
    EXPECT_EQ(lent->at(graph::ValueName(0)).values, Numbered(100, 0).values);
    ASSERT_TRUE(store.Return(7, ids, *lent).ok());
  }
  store.KeepOnly(7, {false, false, true, false});
  EXPECT_EQ(store.TensorsOf(7), std::vector<graph::TensorId>{2});
  EXPECT_FALSE(store.Lend(7, ids).ok());
  store.KeepOnly(7, {false, false, false, false});
  EXPECT_EQ(store.spilled_bytes(), 0);
  put(1);
  EXPECT_EQ(store.spilled_bytes(), 3 * kBytes);
}

// A network with a way around, a constant and a branch that leads to no stop.
class StretchesTest : public ::testing::Test {
 protected:
  StretchesTest() {
    for (int i = 0; i < 3; ++i) builder_.AddWeight(Matrix(static_cast<float>(i + 1)));
    x_ = *builder_.AddInput("x", {1, 3});
    const graph::TensorId a = Product(0, x_);  // Node 0.
    const graph::TensorId b = *builder_.AddOne(graph::Unary{graph::UnaryFunction::kRelu}, {a});
    const graph::TensorId c = Product(1, b);                                    // Node 2.
    const graph::TensorId k = *builder_.AddConstant({1, 2, 3}, {1, 3});         // Node 3.
    const graph::TensorId d = *builder_.AddOne(graph::Binary{}, {c, k});        // Node 4.
    const graph::TensorId e = *builder_.AddOne(graph::Binary{}, {d, x_});       // Node 5.
    unused_ = *builder_.AddOne(graph::Unary{graph::UnaryFunction::kAbs}, {c});  // Node 6.
    last_ = Product(2, e);                                                      // Node 7.
    stop_inputs_ = {x_, b, e};
  }

  PackedTensor Matrix(float factor) {
    auto values = std::make_shared<std::vector<float>>();
    for (int i = 0; i < 9; ++i) values->push_back(factor * static_cast<float>(i - 4) / 8);
    PackedTensor tensor;
    tensor.shape = {3, 3};
    tensor.bytes = std::as_bytes(std::span(*values));
    tensor.owner = values;
    return tensor;
  }
  graph::TensorId Product(graph::WeightId weight, graph::TensorId input) {
    graph::InnerProduct op;
    op.input_channels = op.output_channels = 3;
    op.weight = weight;
    op.output_shape = {1, 3};
    return *builder_.AddOne(op, {input});
  }
  const std::vector<size_t> stops_ = {0, 2, 7};
  // Tensors as a run of the whole network has them.
  std::vector<float> Whole(graph::TensorId tensor, const Tensor& input) {
    graph::Graph graph = builder_.graph();
    graph.inputs = {graph::ArrayPort("x", {1, 3}, x_)};
    graph.outputs = {graph::ArrayPort("y", {1, 3}, tensor)};
    return (*GraphRunner::Make(graph, {}))->Run({{"x", input}}, nullptr)->at("y").values;
  }

  graph::Builder builder_;
  graph::TensorId x_ = 0, unused_ = 0, last_ = 0;
  std::vector<graph::TensorId> stop_inputs_;
};

TEST_F(StretchesTest, EndBeforeTheStops) {
  const std::vector<Stretch> stretches = CutAt(builder_.graph(), stops_);
  ASSERT_EQ(stretches.size(), 3u);
  EXPECT_TRUE(stretches[0].nodes.empty());
  EXPECT_EQ(stretches[1].nodes, (std::vector<size_t>{0, 1}));
  EXPECT_EQ(stretches[2].nodes, (std::vector<size_t>{2, 3, 4, 5}));  // The constant is in it.
  EXPECT_EQ(stretches[1].inputs, std::vector<graph::TensorId>{x_});
  EXPECT_EQ(stretches[2].outputs, std::vector<graph::TensorId>{stop_inputs_[2]});
  EXPECT_TRUE(stretches[1].live[static_cast<size_t>(x_)]);  // The way around.
  EXPECT_FALSE(stretches[2].live[static_cast<size_t>(x_)]);
}

// Both networks see what they would see if they were run as a whole.
TEST_F(StretchesTest, AWalkSeesWhatTheNetworksCompute) {
  graph::Graph graph = builder_.graph();
  graph.inputs = {graph::ArrayPort("x", {1, 3}, x_)};
  for (const int64_t held : {int64_t{0}, int64_t{1} << 20}) {
    TwinWalk walk(graph, 2, held, 2);
    const Tensor inputs[] = {{{1, 3}, {1, -2, 3}}, {{1, 3}, {-4, 5, 6}}};
    for (size_t i = 0; i < 2; ++i) ASSERT_TRUE(walk.AddPicture(i, {{"x", inputs[i]}}).ok());
    std::vector<Stretch> stretches = CutAt(graph, stops_);
    const size_t pictures[] = {0, 1};
    bool replaced = false;
    for (size_t stop = 0; stop < stops_.size(); ++stop) {
      ASSERT_TRUE(walk.Enter(std::move(stretches[stop]), stops_[stop]).ok());
      const auto check = [&](size_t picture, const TwinValue& value) {
        EXPECT_EQ(value.original.values, Whole(stop_inputs_[stop], inputs[picture]));
        EXPECT_EQ(&value.original == &value.quantized, !replaced);
        if (stop == 1) {
          for (size_t i = 0; i < 3; ++i) {
            EXPECT_EQ(value.quantized.values[i], 2 * value.original.values[i]);
          }
        }
        return absl::OkStatus();
      };
      ASSERT_TRUE(walk.Run(pictures, check).ok());
      ASSERT_TRUE(walk.Revisit(pictures, check).ok());
      if (stop > 0) continue;
      ASSERT_TRUE(walk.Replace(0, Matrix(2)).ok());  // Twice the first layer's weights.
      replaced = true;
    }
    EXPECT_EQ(walk.spilled_bytes() > 0, held == 0);
  }
}

TEST_F(StretchesTest, AWalkRefusesOtherShapes) {
  graph::Graph graph = builder_.graph();
  graph.inputs = {graph::ArrayPort("x", {1, 3}, x_)};
  TwinWalk walk(graph, 1, 0, 1);
  EXPECT_TRUE(absl::IsInvalidArgument(walk.AddPicture(0, {{"x", {{1, 4}, {1, 2, 3, 4}}}})));
}

}  // namespace
}  // namespace nbits

#include "graph/fuse.h"

#include <gtest/gtest.h>

#include "graph/import/builder.h"

namespace nbits::graph {
namespace {

using F = UnaryFunction;

// A 1 x 1 convolution of one channel on the network's input.
TensorId AddConvolution(Builder& builder, TensorId input) {
  static const float kWeight[] = {2};
  PackedTensor weight;
  weight.shape = {1, 1, 1, 1};
  weight.bytes = std::as_bytes(std::span<const float>(kWeight));
  Convolution op;
  op.weight = builder.AddWeight(weight);
  op.bias = {3};
  return *builder.AddOne(op, {input});
}

TensorId Start(Builder& builder) { return *builder.AddInput("in", {1, 1, 1, 1}); }

Graph Finish(Builder& builder, std::vector<TensorId> outputs) {
  for (TensorId output : outputs) builder.graph().outputs.push_back({{}, output});
  Fuse(builder.graph());
  return std::move(builder.graph());
}

TEST(FuseTest, Relu6OfFourLayersBecomesOneClip) {
  Builder builder;
  TensorId value = Start(builder);
  for (const Unary& op :
       {Unary{F::kRelu}, Unary{F::kLinear, -1}, Unary{F::kThreshold, -6}, Unary{F::kLinear, -1}}) {
    value = *builder.AddOne(op, {value});
  }
  const Graph graph = Finish(builder, {value});
  ASSERT_EQ(graph.nodes.size(), 1u);
  const Unary& op = std::get<Unary>(graph.nodes[0].op);
  EXPECT_EQ(op.function, F::kClip);
  EXPECT_EQ(op.alpha, 0);
  EXPECT_EQ(op.beta, 6);
  EXPECT_EQ(op.scale, 1);
  EXPECT_EQ(graph.nodes[0].outputs[0], value);
}

TEST(FuseTest, ChainsThroughOtherFunctionsStay) {
  Builder builder;
  TensorId value = *builder.AddOne(Unary{F::kRelu}, {Start(builder)});
  value = *builder.AddOne(Unary{F::kTanh}, {value});
  EXPECT_EQ(Finish(builder, {value}).nodes.size(), 2u);
}

TEST(FuseTest, AFactorOf0IsNotFused) {
  Builder builder;
  TensorId value = *builder.AddOne(Unary{F::kRelu}, {Start(builder)});
  value = *builder.AddOne(Unary{F::kLinear, 0, 5}, {value});
  EXPECT_EQ(Finish(builder, {value}).nodes.size(), 2u);
}

TEST(FuseTest, NormalizationAndActivationMoveIntoTheConvolution) {
  Builder builder;
  TensorId value = AddConvolution(builder, Start(builder));
  value = *builder.AddOne(ChannelAffine{{10}, {1}}, {value});
  value = *builder.AddOne(Unary{F::kRelu}, {value});
  const Graph graph = Finish(builder, {value});
  ASSERT_EQ(graph.nodes.size(), 1u);
  const Convolution& op = std::get<Convolution>(graph.nodes[0].op);
  EXPECT_EQ(op.scale, std::vector<float>{10});
  EXPECT_EQ(op.bias, std::vector<float>{31});
  ASSERT_TRUE(op.activation.has_value());
  EXPECT_EQ(op.activation->function, F::kRelu);
}

// The order matters: relu(x) * 10 + 1 is not relu(10 x + 1).
TEST(FuseTest, NormalizationBehindTheActivationStays) {
  Builder builder;
  TensorId value = AddConvolution(builder, Start(builder));
  value = *builder.AddOne(Unary{F::kTanh}, {value});
  value = *builder.AddOne(ChannelAffine{{10}, {1}}, {value});
  EXPECT_EQ(Finish(builder, {value}).nodes.size(), 2u);
}

TEST(FuseTest, AValueThatIsReadTwiceStays) {
  Builder builder;
  const TensorId convolved = AddConvolution(builder, Start(builder));
  const TensorId relu = *builder.AddOne(Unary{F::kRelu}, {convolved});
  EXPECT_EQ(Finish(builder, {convolved, relu}).nodes.size(), 2u);
}

}  // namespace
}  // namespace nbits::graph

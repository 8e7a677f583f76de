// SPDX-License-Identifier: Apache-2.0
#include "graph/fuse.h"

#include <gtest/gtest.h>

#include "formats/neural_network/import/builder.h"

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

// ---- What convolutions read ---------------------------------------------------------------------

bool AcceptAll(const Graph&, const Node&) { return true; }

// A 1 x 1 convolution of `outputs` channels.
TensorId Convolve(Builder& builder, TensorId input, int64_t outputs = 16) {
  static const std::vector<float> kWeights(64 * 64, 1.0f);
  const Shape shape = builder.ShapeOf(input);
  const int64_t channels = shape[shape.size() - 3];
  PackedTensor weight;
  weight.shape = {outputs, channels, 1, 1};
  weight.bytes = std::as_bytes(std::span(kWeights).first(outputs * channels));
  Convolution op;
  op.output = {shape[shape.size() - 2], shape.back()};
  op.output_channels = outputs;
  op.weight = builder.AddWeight(weight);
  return *builder.AddOne(op, {input});
}

Graph FinishAccepting(Builder& builder, std::vector<TensorId> outputs, const AcceptNode& accept) {
  for (TensorId output : outputs) builder.graph().outputs.push_back({{}, output});
  Fuse(builder.graph(), accept);
  return std::move(builder.graph());
}

TEST(FuseTest, AdditionMovesIntoTheLaterConvolution) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  const TensorId first = Convolve(builder, input), second = Convolve(builder, input);
  const TensorId sum = *builder.AddOne(Binary{}, {second, first});
  const TensorId relu = *builder.AddOne(Unary{F::kRelu}, {sum});
  const Graph graph = FinishAccepting(builder, {relu}, AcceptAll);
  ASSERT_EQ(graph.nodes.size(), 2u);
  const Node& node = graph.nodes[1];
  EXPECT_EQ(std::get<Convolution>(node.op).addition, Addition::kBeforeActivation);
  EXPECT_EQ(node.inputs, (std::vector<TensorId>{input, first}));
  EXPECT_EQ(node.outputs, std::vector<TensorId>{relu});
  EXPECT_EQ(std::get<Convolution>(node.op).activation->function, F::kRelu);
}

TEST(FuseTest, AdditionBehindAnActivationMovesIntoTheConvolution) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  const TensorId relu = *builder.AddOne(Unary{F::kRelu}, {Convolve(builder, input)});
  const TensorId sum = *builder.AddOne(Binary{}, {input, relu});
  const TensorId last = *builder.AddOne(Unary{F::kTanh}, {sum});
  const Graph graph = FinishAccepting(builder, {last}, AcceptAll);
  ASSERT_EQ(graph.nodes.size(), 2u);
  const Node& node = graph.nodes[0];
  const auto& op = std::get<Convolution>(node.op);
  EXPECT_EQ(op.addition, Addition::kAfterActivation);
  EXPECT_EQ(op.activation->function, F::kRelu);
  EXPECT_EQ(node.inputs, (std::vector<TensorId>{input, input}));
  EXPECT_EQ(node.outputs, std::vector<TensorId>{sum});
}

TEST(FuseTest, AdditionOfAnotherShapeOrOfWhatOthersReadStays) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  const TensorId relu = *builder.AddOne(Unary{F::kRelu}, {Convolve(builder, input)});
  const TensorId sum = *builder.AddOne(Binary{}, {relu, input});
  const TensorId pixel = *builder.AddInput("pixel", {16, 1, 1});
  const TensorId wide = *builder.AddOne(Binary{}, {Convolve(builder, sum), pixel});
  EXPECT_EQ(FinishAccepting(builder, {wide, relu}, AcceptAll).nodes.size(), 4u);
}

TEST(FuseTest, NothingSpecialIsMadeUnlessItIsAccepted) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  const TensorId sum = *builder.AddOne(Binary{}, {Convolve(builder, input), input});
  const TensorId joined = *builder.AddOne(Concat{0}, {sum, input});
  const TensorId output = Convolve(builder, joined);
  const Graph graph =
      FinishAccepting(builder, {output}, [](const Graph&, const Node&) { return false; });
  EXPECT_EQ(graph.nodes.size(), 4u);
}

TEST(FuseTest, ZeroPaddingBecomesTheWindows) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  const TensorId padded =
      *builder.AddOne(Pad{PadMode::kConstant, 0, {0, 1, 2}, {0, 3, 0}}, {input});
  const Graph graph = Finish(builder, {Convolve(builder, padded), Convolve(builder, padded)});
  ASSERT_EQ(graph.nodes.size(), 2u);
  for (const Node& node : graph.nodes) {
    EXPECT_EQ(node.inputs[0], input);
    const Window& window = std::get<Convolution>(node.op).window;
    EXPECT_EQ(window.pad_begin, (Pair{1, 2}));
    EXPECT_EQ(window.pad_end, (Pair{3, 0}));
  }
}

TEST(FuseTest, OtherPaddingStays) {
  for (const Pad& pad : {Pad{PadMode::kConstant, 1, {0, 1, 1}, {0, 1, 1}},
                         Pad{PadMode::kReflect, 0, {0, 1, 1}, {0, 1, 1}},
                         Pad{PadMode::kConstant, 0, {1, 0, 0}, {0, 0, 0}}}) {
    Builder builder;
    const TensorId padded = *builder.AddOne(pad, {*builder.AddInput("in", {16, 4, 4})});
    EXPECT_EQ(Finish(builder, {Convolve(builder, padded)}).nodes.size(), 2u);
  }
}

TEST(FuseTest, JoinedAndEnlargedInputsBecomeSources) {
  Builder builder;
  const TensorId small = *builder.AddInput("small", {16, 2, 2});
  const TensorId large = *builder.AddInput("large", {8, 4, 4});
  Resize resize{.bilinear = true, .output = {4, 4}};
  const TensorId enlarged = *builder.AddOne(resize, {small});
  const TensorId joined = *builder.AddOne(Concat{0}, {enlarged, large});
  const Graph graph = FinishAccepting(builder, {Convolve(builder, joined)}, AcceptAll);
  ASSERT_EQ(graph.nodes.size(), 1u);
  const auto& op = std::get<Convolution>(graph.nodes[0].op);
  EXPECT_EQ(graph.nodes[0].inputs, (std::vector<TensorId>{small, large}));
  ASSERT_EQ(op.sources.size(), 2u);
  ASSERT_TRUE(op.sources[0].has_value());
  EXPECT_EQ(op.sources[0]->output, (Pair{4, 4}));
  EXPECT_FALSE(op.sources[1].has_value());
}

TEST(FuseTest, JoinedValuesMayHaveSeveralConvolutionsForReaders) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {16, 4, 4});
  const TensorId joined = *builder.AddOne(Concat{0}, {input, input});
  const TensorId a = Convolve(builder, joined), b = Convolve(builder, joined);
  const Graph graph = FinishAccepting(builder, {a, b}, AcceptAll);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[1].inputs.size(), 2u);
}

TEST(FuseTest, WhatOthersReadIsNoSource) {
  Builder builder;
  const TensorId small = *builder.AddInput("small", {16, 2, 2});
  const TensorId enlarged = *builder.AddOne(Resize{.output = {4, 4}}, {small});
  const TensorId joined = *builder.AddOne(Concat{0}, {enlarged, enlarged});
  const TensorId output = Convolve(builder, joined);
  const Graph graph = FinishAccepting(builder, {output, joined}, AcceptAll);
  EXPECT_EQ(graph.nodes.size(), 3u);
}

TEST(FuseTest, JoinsWithinABlockOfChannelsAreNoSources) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {12, 4, 4});
  const TensorId joined = *builder.AddOne(Concat{0}, {input, input});
  const Graph graph = FinishAccepting(builder, {Convolve(builder, joined)}, AcceptAll);
  EXPECT_EQ(graph.nodes.size(), 2u);
}

}  // namespace
}  // namespace nbits::graph

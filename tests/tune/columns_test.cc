// SPDX-License-Identifier: Apache-2.0
// A layer's columns times its weights are what the engine's plain kernels give.
#include "tune/columns.h"

#include <gtest/gtest.h>

#include <random>

#include "formats/neural_network/import/builder.h"
#include "run/graph_runner.h"

namespace nbits {
namespace {

std::vector<float> RandomValues(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = normal(generator);
  return values;
}

PackedTensor Floats(const std::vector<float>& values, const Shape& shape) {
  PackedTensor tensor;
  tensor.shape = shape;
  tensor.bytes = std::as_bytes(std::span(values));
  return tensor;
}

// Product of the layout's matrices with the column at `position`.
std::vector<double> Multiply(const MatrixLayout& layout, const std::vector<float>& weights,
                             const std::vector<float>& column) {
  std::vector<double> outputs;
  for (int64_t g = 0; g < layout.groups; ++g) {
    for (int64_t o = 0; o < layout.outputs; ++o) {
      double sum = 0;
      for (int64_t k = 0; k < layout.columns(); ++k) {
        sum += static_cast<double>(weights[static_cast<size_t>(layout.ElementOf(g, o, k))]) *
               column[static_cast<size_t>(g * layout.columns() + k)];
      }
      outputs.push_back(sum);
    }
  }
  return outputs;
}

// `channel_stride` of the output: how far apart the channels of a position are; positions of a
// batch entry are side by side. 1 for inner products.
void ExpectColumnsFit(graph::Op op, const Shape& input_shape, const Shape& weight_shape) {
  const std::vector<float> weights = RandomValues(graph::Product(weight_shape), 1);
  graph::Builder builder;
  builder.AddWeight(Floats(weights, weight_shape));
  const graph::TensorId x = *builder.AddInput("x", input_shape);
  const auto y = builder.AddOne(std::move(op), {x});
  ASSERT_TRUE(y.ok()) << y.status();
  graph::Graph& graph = builder.graph();
  const Shape output_shape = graph.tensors[static_cast<size_t>(*y)].shape;
  graph.inputs = {graph::ArrayPort("x", input_shape, x)};
  graph.outputs = {graph::ArrayPort("y", output_shape, *y)};
  const auto reader = ColumnReader::For(graph, graph.nodes[0]);
  ASSERT_TRUE(reader);
  EngineOptions options;
  options.plain = true;
  options.threads = 1;
  const auto runner = GraphRunner::Make(graph, options);
  ASSERT_TRUE(runner.ok()) << runner.status();
  const Tensor input{input_shape, RandomValues(graph::Product(input_shape), 2)};
  const auto outputs = (*runner)->Run({{"x", input}}, nullptr);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  const std::vector<float>& values = outputs->at("y").values;
  const bool is_product = std::holds_alternative<graph::InnerProduct>(graph.nodes[0].op);
  const MatrixLayout& layout = reader->layout();
  const int64_t channels = layout.groups * layout.outputs;
  ASSERT_EQ(static_cast<int64_t>(values.size()), channels * reader->positions());
  const int64_t batch = is_product ? reader->positions() : input_shape[0];
  const int64_t plane = reader->positions() / batch;
  std::vector<float> column(static_cast<size_t>(reader->column_size()));
  for (int64_t position = 0; position < reader->positions(); ++position) {
    reader->Read(input.values, position, column);
    const std::vector<double> expected = Multiply(layout, weights, column);
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t at = (position / plane * channels + c) * plane + position % plane;
      ASSERT_NEAR(values[static_cast<size_t>(at)], expected[static_cast<size_t>(c)], 1e-4)
          << position << " " << c;
    }
  }
}

graph::Convolution Window(graph::Pair kernel, graph::Pair stride, graph::Pair dilation,
                          graph::Pair begin, graph::Pair end, int64_t groups, int64_t channels) {
  graph::Convolution op;
  op.window = {kernel, stride, dilation, begin, end};
  op.groups = groups;
  op.output_channels = channels;
  op.weight = 0;
  return op;
}

TEST(Columns, OfConvolutions) {
  graph::Convolution op = Window({3, 2}, {2, 1}, {1, 2}, {1, 0}, {2, 1}, 2, 6);
  op.output = {4, 5};  // (7 + 3 - 3) / 2 + 1, 6 + 1 - 3 + 1.
  ExpectColumnsFit(op, {2, 4, 7, 6}, {6, 2, 3, 2});
}

TEST(Columns, OfDepthwiseConvolutions) {
  graph::Convolution op = Window({3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, 5, 5);
  op.output = {4, 6};
  ExpectColumnsFit(op, {1, 5, 4, 6}, {5, 1, 3, 3});
}

TEST(Columns, OfTransposedConvolutions) {
  graph::Convolution op = Window({3, 4}, {2, 3}, {1, 1}, {1, 0}, {0, 2}, 1, 3);
  op.transposed = true;
  op.output = {8, 11};  // (4 - 1) * 2 + 3 - 1, (4 - 1) * 3 + 4 - 2.
  ExpectColumnsFit(op, {1, 2, 4, 4}, {2, 3, 3, 4});
}

TEST(Columns, OfTransposedConvolutionsInGroups) {
  graph::Convolution op = Window({2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}, 2, 6);
  op.transposed = true;
  op.output = {6, 8};
  ExpectColumnsFit(op, {1, 4, 3, 4}, {4, 3, 2, 2});
}

TEST(Columns, OfVolumes) {
  graph::Convolution3d op;
  op.window = {{{2, 1, 1, 1, 0}, {3, 2, 1, 1, 1}, {2, 1, 2, 0, 0}}};
  op.output = {4, 3, 3};
  op.groups = 2;
  op.output_channels = 4;
  op.weight = 0;
  ExpectColumnsFit(op, {1, 4, 4, 5, 5}, {4, 2, 2, 3, 2});
}

TEST(Columns, OfInnerProducts) {
  graph::InnerProduct op;
  op.input_channels = 5;
  op.output_channels = 3;
  op.weight = 0;
  op.output_shape = {2, 4, 3};
  ExpectColumnsFit(op, {2, 4, 5}, {3, 5});
}

TEST(Columns, OfNothingElse) {
  graph::Builder builder;
  const graph::TensorId x = *builder.AddInput("x", {3});
  ASSERT_TRUE(builder.AddOne(graph::Unary{}, {x}).ok());
  EXPECT_FALSE(ColumnReader::For(builder.graph(), builder.graph().nodes[0]));
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Formats of tensors: sizes, the pass that chooses them, and conversions between them.
#include "engine/format.h"

#include <gtest/gtest.h>

#include "engine/format_pass.h"
#include "engine/kernels/plain.h"
#include "engine/memory/workspace.h"
#include "formats/neural_network/import/builder.h"
#include "tensor/half.h"

namespace nbits {
namespace {

using graph::Builder;
using graph::Node;
using graph::TensorId;

TEST(FormatTest, BlockedTensorsHoldWholeBlocksOfChannels) {
  EXPECT_EQ(StoredElements({2, 17, 3, 5}, Layout::kPlanar), 2 * 17 * 15);
  EXPECT_EQ(StoredElements({2, 17, 3, 5}, Layout::kBlocked), 2 * 2 * 15 * 16);
  EXPECT_EQ(StoredBytes({16, 3, 5}, kBlockedHalfFormat), 16 * 15 * 2);
  EXPECT_FALSE(CanBeBlocked({4, 5}));
}

// Wants every `Tanh` blocked and all else planar.
NodeFormats BlockedTanh(const Node& node, std::span<const Format>) {
  if (!std::holds_alternative<graph::Unary>(node.op)) return PlanarFormats(node);
  return {{kBlockedFormat}, {kBlockedFormat}};
}

TEST(FormatPassTest, ConvertsWhereWriterAndReaderDiffer) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {20, 2, 2});
  builder.graph().inputs.push_back({{}, input});
  const graph::Unary tanh{graph::UnaryFunction::kTanh};
  const TensorId a = *builder.AddOne(tanh, {input});
  const TensorId b = *builder.AddOne(tanh, {input});
  const TensorId sum = *builder.AddOne(graph::Binary{}, {a, b});
  builder.graph().outputs.push_back({{}, sum});

  graph::Graph& graph = builder.graph();
  const std::vector<Format> formats = AssignFormats(graph, BlockedTanh);
  std::vector<std::string> kinds;
  for (const Node& node : graph.nodes) {
    kinds.push_back(std::holds_alternative<graph::Reformat>(node.op) ? "reformat" : "op");
  }
  // The input is converted once for both its readers.
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"reformat", "op", "op", "reformat", "reformat", "op"}));
  ASSERT_EQ(formats.size(), graph.tensors.size());
  EXPECT_EQ(formats[a], kBlockedFormat);
  EXPECT_EQ(formats[graph.outputs[0].tensor], kPlanarFormat);
  EXPECT_EQ(graph.nodes[1].inputs, graph.nodes[2].inputs);
}

TEST(FormatPassTest, OutputsOfTheGraphArePlanar) {
  Builder builder;
  const TensorId input = *builder.AddInput("in", {3, 2, 2});
  builder.graph().inputs.push_back({{}, input});
  const TensorId out = *builder.AddOne(graph::Unary{graph::UnaryFunction::kTanh}, {input});
  builder.graph().outputs.push_back({{}, out});
  const std::vector<Format> formats = AssignFormats(builder.graph(), BlockedTanh);
  EXPECT_NE(builder.graph().outputs[0].tensor, out);
  EXPECT_EQ(formats[builder.graph().outputs[0].tensor], kPlanarFormat);
}

void RunReformat(const Operand& from, const Result& to) {
  const graph::Graph graph;
  Workspace workspace(graph, nullptr, 0);
  RunPlain(graph::Reformat{}, Call{{&from, 1}, {&to, 1}, workspace, 2});
}

TEST(ReformatTest, GoesToBlockedAndBackWithZerosAsPadding) {
  const Shape shape = {2, 19, 3, 5};
  std::vector<float> planar(2 * 19 * 15);
  for (size_t i = 0; i < planar.size(); ++i) planar[i] = static_cast<float>(i) + 1;
  std::vector<float> blocked(StoredElements(shape, Layout::kBlocked), -1.0f);
  RunReformat({shape, planar.data()}, {shape, blocked.data(), kBlockedFormat});
  // Entry 1, channel 18, pixel 7 stands in block 1, lane 2.
  EXPECT_EQ(blocked[((1 * 2 + 1) * 15 + 7) * 16 + 2], planar[(19 + 18) * 15 + 7]);
  for (int lane = 3; lane < 16; ++lane) EXPECT_EQ(blocked[(15 + 7) * 16 + lane], 0.0f);
  std::vector<float> back(planar.size());
  RunReformat({shape, blocked.data(), kBlockedFormat}, {shape, back.data()});
  EXPECT_EQ(back, planar);
}

TEST(ReformatTest, RoundsToHalves) {
  const Shape shape = {1, 1, 2};
  const std::vector<float> planar = {1.0f / 3, -2};
  std::vector<uint16_t> halves(StoredElements(shape, Layout::kBlocked), 0xffff);
  RunReformat({shape, planar.data()},
              {shape, reinterpret_cast<float*>(halves.data()), kBlockedHalfFormat});
  EXPECT_EQ(halves[0], HalfFromFloat(1.0f / 3));
  EXPECT_EQ(halves[16], HalfFromFloat(-2.0f));
  EXPECT_EQ(halves[1], 0);
}

}  // namespace
}  // namespace nbits

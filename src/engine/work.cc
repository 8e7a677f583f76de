// SPDX-License-Identifier: Apache-2.0
#include "engine/work.h"

#include <algorithm>

#include "engine/kernel.h"

namespace nbits {
namespace {

using graph::Graph;
using graph::Node;

// What a core with vectors of 8 floats does at half of its peak, and what passes through it with a
// little arithmetic, both per nanosecond. Half or double of it changes the number of threads of
// few nodes, and no result.
constexpr double kMultiplicationsPerNanosecond = 16, kValuesPerNanosecond = 1;
constexpr double kNanosecondsPerThread = 20000;

double Values(const Graph& graph, std::span<const graph::TensorId> tensors) {
  double values = 0;
  for (graph::TensorId id : tensors) {
    values += static_cast<double>(graph::Product(graph.tensors[id].shape));
  }
  return values;
}

// How many positions every weight is multiplied at; 0 for an operation that is no product.
double Positions(const Graph& graph, const Node& node) {
  const double outputs = Values(graph, node.outputs);
  if (const auto* op = std::get_if<graph::Convolution>(&node.op)) {
    const Shape& in = graph.tensors[node.inputs[0]].shape;
    if (!op->transposed) return outputs / static_cast<double>(op->output_channels);
    return static_cast<double>(graph::Product(in) / in[in.size() - 3]);
  }
  if (const auto* op = std::get_if<graph::Convolution3d>(&node.op)) {
    return outputs / static_cast<double>(op->output_channels);
  }
  if (const auto* op = std::get_if<graph::InnerProduct>(&node.op)) {
    return outputs / static_cast<double>(op->output_channels);
  }
  if (std::holds_alternative<graph::Recurrent>(node.op)) {
    const Shape& in = graph.tensors[node.inputs[0]].shape;
    return static_cast<double>(in[0] * in[1]);  // Steps and batch entries.
  }
  return 0;
}

double Multiplications(const Graph& graph, const Node& node) {
  if (const auto* op = std::get_if<graph::MatrixProduct>(&node.op)) {
    const Shape& a = graph.tensors[node.inputs[0]].shape;
    const int64_t depth = op->transpose_a ? a[a.size() - 2] : a.back();
    return Values(graph, node.outputs) * static_cast<double>(depth);
  }
  double weights = 0;
  for (graph::WeightId id : WeightsOf(node.op)) {
    weights += static_cast<double>(graph::Product(graph.weights[id].shape));
  }
  return weights * Positions(graph, node);
}

}  // namespace

int ThreadsFor(const Graph& graph, const Node& node, int threads) {
  const double nanoseconds =
      Multiplications(graph, node) / kMultiplicationsPerNanosecond +
      (Values(graph, node.inputs) + Values(graph, node.outputs)) / kValuesPerNanosecond;
  return static_cast<int>(
      std::clamp(nanoseconds / kNanosecondsPerThread, 1.0, static_cast<double>(threads)));
}

}  // namespace nbits

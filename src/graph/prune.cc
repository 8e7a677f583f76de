// SPDX-License-Identifier: Apache-2.0
#include "graph/prune.h"

#include <algorithm>
#include <map>

namespace nbits::graph {
namespace {

// For every node whether one of the `wanted` tensors depends on it; marks what it reads in
// `wanted`.
std::vector<bool> MarkNodes(const Graph& graph, std::vector<bool>& wanted) {
  std::vector<bool> kept(graph.nodes.size(), false);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    kept[i] = std::any_of(node.outputs.begin(), node.outputs.end(),
                          [&](TensorId output) { return wanted[output]; });
    if (!kept[i]) continue;
    for (TensorId input : node.inputs) wanted[input] = true;
  }
  return kept;
}

// Copies nodes into a graph that has only the tensors they touch.
class Extraction {
 public:
  explicit Extraction(const Graph& source) : source_(source) {}

  TensorId Move(TensorId tensor) {
    const auto [place, added] =
        moved_.try_emplace(tensor, static_cast<TensorId>(result.tensors.size()));
    if (added) result.tensors.push_back(source_.tensors[tensor]);
    return place->second;
  }

  void Add(Node node) {
    for (TensorId& input : node.inputs) input = Move(input);
    for (TensorId& output : node.outputs) output = Move(output);
    result.nodes.push_back(std::move(node));
  }

  Graph result;

 private:
  const Graph& source_;
  std::map<TensorId, TensorId> moved_;
};

}  // namespace

void Prune(Graph& graph) {
  std::vector<bool> wanted(graph.tensors.size(), false);
  for (const Port& output : graph.outputs) wanted[output.tensor] = true;
  const std::vector<bool> kept = MarkNodes(graph, wanted);
  std::vector<Node> nodes;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) nodes.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(nodes);
}

Graph SubgraphOf(const Graph& graph, TensorId target) {
  std::vector<bool> wanted(graph.tensors.size(), false);
  wanted[target] = true;
  const std::vector<bool> kept = MarkNodes(graph, wanted);
  Extraction extraction(graph);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) extraction.Add(graph.nodes[i]);
  }
  for (const Port& input : graph.inputs) {
    if (!wanted[input.tensor]) continue;
    extraction.result.inputs.push_back({input.feature, extraction.Move(input.tensor)});
  }
  extraction.result.outputs.push_back(
      ArrayPort("value", graph.tensors[target].shape, extraction.Move(target)));
  extraction.result.weights = graph.weights;
  return std::move(extraction.result);
}

}  // namespace nbits::graph

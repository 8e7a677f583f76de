// SPDX-License-Identifier: Apache-2.0
#include "tune/stretches.h"

#include <algorithm>
#include <set>

namespace nbits {
namespace {

using graph::Graph;
using graph::Node;
using graph::TensorId;

// For every node whether a stop depends on it, and for every tensor the last node that reads it on
// the way to a stop (-1: none; a stop itself reads its first input).
struct Needs {
  std::vector<bool> nodes;
  std::vector<int64_t> last_reader;
};

Needs FindNeeds(const Graph& graph, std::span<const size_t> stops) {
  Needs needs{std::vector<bool>(graph.nodes.size()),
              std::vector<int64_t>(graph.tensors.size(), -1)};
  const auto read = [&](TensorId tensor, size_t node) {
    int64_t& last = needs.last_reader[static_cast<size_t>(tensor)];
    last = std::max(last, static_cast<int64_t>(node));
  };
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    if (std::binary_search(stops.begin(), stops.end(), i)) read(node.inputs[0], i);
    needs.nodes[i] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](TensorId output) {
      return needs.last_reader[static_cast<size_t>(output)] >= 0;
    });
    if (!needs.nodes[i]) continue;
    for (const TensorId input : node.inputs) read(input, i);
  }
  return needs;
}

// The source nodes that write what these nodes read.
std::set<size_t> SourcesOf(const Graph& graph, std::span<const size_t> nodes,
                           const std::vector<bool>& is_source) {
  std::set<TensorId> wanted;
  for (const size_t node : nodes) {
    for (const TensorId input : graph.nodes[node].inputs) {
      if (is_source[static_cast<size_t>(input)]) wanted.insert(input);
    }
  }
  std::set<size_t> sources;
  for (size_t i = 0; i < graph.nodes.size() && !wanted.empty(); ++i) {
    for (const TensorId output : graph.nodes[i].outputs) {
      if (wanted.erase(output) > 0) sources.insert(i);
    }
  }
  return sources;
}

Stretch StretchTo(const Graph& graph, size_t begin, size_t stop, const Needs& needs,
                  const std::vector<bool>& is_source) {
  Stretch stretch;
  std::set<TensorId> written, inputs;
  for (size_t i = begin; i < stop; ++i) {
    const Node& node = graph.nodes[i];
    if (!needs.nodes[i] || node.inputs.empty()) continue;
    stretch.nodes.push_back(i);
    for (const TensorId input : node.inputs) {
      const bool is_given = !written.contains(input) && !is_source[static_cast<size_t>(input)];
      if (is_given) inputs.insert(input);
    }
    written.insert(node.outputs.begin(), node.outputs.end());
  }
  const TensorId seen = graph.nodes[stop].inputs[0];
  if (!written.contains(seen)) inputs.insert(seen);
  stretch.inputs.assign(inputs.begin(), inputs.end());
  for (const int64_t last : needs.last_reader) {
    stretch.live.push_back(last >= static_cast<int64_t>(stop));
  }
  for (const TensorId tensor : written) {
    if (stretch.live[static_cast<size_t>(tensor)]) stretch.outputs.push_back(tensor);
  }
  std::set<size_t> nodes = SourcesOf(graph, stretch.nodes, is_source);
  nodes.insert(stretch.nodes.begin(), stretch.nodes.end());
  stretch.nodes.assign(nodes.begin(), nodes.end());
  return stretch;
}

}  // namespace

std::vector<bool> SourceTensors(const Graph& graph) {
  std::vector<bool> is_source(graph.tensors.size(), false);
  for (const Node& node : graph.nodes) {
    if (!node.inputs.empty()) continue;
    for (const TensorId output : node.outputs) is_source[static_cast<size_t>(output)] = true;
  }
  return is_source;
}

std::vector<Stretch> CutAt(const Graph& graph, std::span<const size_t> stops) {
  const Needs needs = FindNeeds(graph, stops);
  const std::vector<bool> is_source = SourceTensors(graph);
  std::vector<Stretch> stretches;
  size_t begin = 0;
  for (const size_t stop : stops) {
    stretches.push_back(StretchTo(graph, begin, stop, needs, is_source));
    begin = stop;
  }
  return stretches;
}

}  // namespace nbits

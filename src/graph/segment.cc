// SPDX-License-Identifier: Apache-2.0
#include "graph/segment.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace nbits::graph {
namespace {

// Copies nodes; what they read before anything has written it becomes an input.
class SegmentCopy {
 public:
  explicit SegmentCopy(const Graph& source) : source_(source) {}

  void AddNode(Node node) {
    for (TensorId& input : node.inputs) input = Read(input);
    for (TensorId& output : node.outputs) output = Enter(output);
    result.nodes.push_back(std::move(node));
  }

  void AddOutput(TensorId tensor) {
    result.outputs.push_back(
        ArrayPort(ValueName(tensor), source_.tensors[tensor].shape, ids_.at(tensor)));
  }

  Graph result;

 private:
  TensorId Read(TensorId tensor) {
    if (const auto found = ids_.find(tensor); found != ids_.end()) return found->second;
    const TensorId id = Enter(tensor);
    result.inputs.push_back(ArrayPort(ValueName(tensor), source_.tensors[tensor].shape, id));
    return id;
  }

  TensorId Enter(TensorId tensor) {
    const auto id = static_cast<TensorId>(result.tensors.size());
    result.tensors.push_back(source_.tensors[tensor]);
    ids_[tensor] = id;
    return id;
  }

  const Graph& source_;
  std::map<TensorId, TensorId> ids_;  // From the source's to the segment's.
};

}  // namespace

std::string ValueName(TensorId tensor) { return absl::StrCat("value ", tensor); }

Graph SegmentOf(const Graph& graph, std::span<const size_t> nodes,
                std::span<const TensorId> outputs) {
  SegmentCopy copy(graph);
  for (const size_t node : nodes) copy.AddNode(graph.nodes[node]);
  for (const TensorId output : outputs) copy.AddOutput(output);
  copy.result.weights = graph.weights;
  return std::move(copy.result);
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
#include "graph/fuse_inputs.h"

#include <algorithm>
#include <utility>

#include "graph/prune.h"
#include "graph/window.h"

namespace nbits::graph {
namespace {

// Who writes and who reads each tensor, by index into the nodes.
struct Uses {
  explicit Uses(const Graph& graph)
      : writer(graph.tensors.size(), -1),
        readers(CountReaders(graph)),
        convolutions(graph.tensors.size(), 0) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      for (TensorId output : node.outputs) writer[output] = static_cast<int>(i);
      if (std::holds_alternative<Convolution>(node.op)) ++convolutions[node.inputs[0]];
    }
  }

  std::vector<int> writer;        // -1: an input of the network.
  std::vector<int> readers;       // In all, ...
  std::vector<int> convolutions;  // ... and as the first input of a convolution.
};

// The operation that writes `tensor`, if it is of this type.
template <typename Type>
const Type* WriterOf(const Graph& graph, const Uses& uses, TensorId tensor) {
  const int writer = uses.writer[tensor];
  return writer < 0 ? nullptr : std::get_if<Type>(&graph.nodes[writer].op);
}

void EraseNodes(Graph& graph, const std::vector<bool>& erased) {
  size_t kept = 0;
  for (size_t i = 0; i < erased.size(); ++i) {
    if (erased[i]) continue;
    if (kept != i) graph.nodes[kept] = std::move(graph.nodes[i]);
    ++kept;
  }
  graph.nodes.resize(kept);
}

// ---- Additions ----------------------------------------------------------------------------------

// The input of an addition that a convolution computes for nobody else; of two, the later. -1:
// none.
int ConvolvedInput(const Graph& graph, const Uses& uses, const Node& node) {
  int best = -1, best_writer = -1;
  for (int i = 0; i < 2; ++i) {
    const TensorId input = node.inputs[i];
    const auto* convolution = WriterOf<Convolution>(graph, uses, input);
    if (convolution == nullptr || convolution->adds()) continue;
    if (uses.readers[input] != 1 || uses.writer[input] < best_writer) continue;
    best = i;
    best_writer = uses.writer[input];
  }
  return best;
}

bool IsEqualAddition(const Graph& graph, const Node& node) {
  const auto* op = std::get_if<Binary>(&node.op);
  return op != nullptr && op->operation == BinaryOperation::kAdd &&
         graph.tensors[node.inputs[0]].shape == graph.tensors[node.inputs[1]].shape;
}

// ---- Sources ------------------------------------------------------------------------------------

constexpr int64_t kSourceMultiple = 16;  // Of channels, see Convolution::sources.

bool JoinsChannels(const Graph& graph, const Node& node, const Concat& op) {
  const size_t rank = graph.tensors[node.outputs[0]].shape.size();
  if (rank < 3 || op.axis != static_cast<int>(rank) - 3 || op.stack || op.interleave) return false;
  for (size_t i = 0; i + 1 < node.inputs.size(); ++i) {
    if (graph.tensors[node.inputs[i]].shape[rank - 3] % kSourceMultiple != 0) return false;
  }
  return true;
}

bool Enlarges(const Graph& graph, const Node& node) {
  return Product(graph.tensors[node.outputs[0]].shape) >
         Product(graph.tensors[node.inputs[0]].shape);
}

// Makes the inputs of the Concat before a convolution its own.
void TakeJoinedInputs(const Graph& graph, const Uses& uses, Node& node) {
  const TensorId input = node.inputs[0];
  const auto* concat = WriterOf<Concat>(graph, uses, input);
  if (concat == nullptr || uses.readers[input] != uses.convolutions[input]) return;
  const Node& writer = graph.nodes[uses.writer[input]];
  if (!JoinsChannels(graph, writer, *concat)) return;
  node.inputs.erase(node.inputs.begin());
  node.inputs.insert(node.inputs.begin(), writer.inputs.begin(), writer.inputs.end());
  std::get<Convolution>(node.op).sources.assign(writer.inputs.size(), std::nullopt);
}

// Makes up-sampling before a convolution its own.
void TakeResizes(const Graph& graph, const Uses& uses, Node& node) {
  Convolution& op = std::get<Convolution>(node.op);
  std::vector<std::optional<Resize>> sources = op.sources;
  if (sources.empty()) sources.resize(1);
  bool taken = false;
  for (size_t i = 0; i < sources.size(); ++i) {
    const TensorId input = node.inputs[i];
    const auto* resize = WriterOf<Resize>(graph, uses, input);
    if (resize == nullptr || uses.readers[input] != 1) continue;
    const Node& writer = graph.nodes[uses.writer[input]];
    if (!Enlarges(graph, writer)) continue;
    sources[i] = *resize;
    node.inputs[i] = writer.inputs[0];
    taken = true;
  }
  if (taken) op.sources = std::move(sources);
}

bool HasSources(const Node& node) { return !std::get<Convolution>(node.op).sources.empty(); }

// The node with as many sources as are accepted.
Node WithSources(const Graph& graph, const Uses& uses, const Node& node, const AcceptNode& accept) {
  Node joined = node;
  TakeJoinedInputs(graph, uses, joined);
  Node resized = joined;
  TakeResizes(graph, uses, resized);
  if (HasSources(resized) && accept(graph, resized)) return resized;
  if (HasSources(joined) && accept(graph, joined)) return joined;
  return node;
}

// ---- Depthwise convolutions ---------------------------------------------------------------------

// The depthwise convolution that computes the input of a 1 x 1 convolution for nobody else.
const Convolution* DepthwiseBefore(const Graph& graph, const Uses& uses, const Node& node) {
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr || op->reads_others() || op->groups != 1) return nullptr;
  if (uses.readers[node.inputs[0]] != 1) return nullptr;
  const auto* before = WriterOf<Convolution>(graph, uses, node.inputs[0]);
  if (before == nullptr || before->adds() || before->reads_others()) return nullptr;
  return before->groups > 1 && before->groups == before->output_channels ? before : nullptr;
}

}  // namespace

std::vector<int> CountReaders(const Graph& graph) {
  std::vector<int> readers(graph.tensors.size(), 0);
  for (const Node& node : graph.nodes) {
    for (TensorId input : node.inputs) ++readers[input];
  }
  for (const Port& output : graph.outputs) ++readers[output.tensor];
  return readers;
}

void FuseAdditions(Graph& graph, const AcceptNode& accept) {
  Uses uses(graph);
  std::vector<bool> erased(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!IsEqualAddition(graph, graph.nodes[i])) continue;
    const int convolved = ConvolvedInput(graph, uses, graph.nodes[i]);
    if (convolved < 0) continue;
    const int writer = uses.writer[graph.nodes[i].inputs[convolved]];
    Node fused = graph.nodes[writer];
    Convolution& op = std::get<Convolution>(fused.op);
    op.addition = op.activation ? Addition::kAfterActivation : Addition::kBeforeActivation;
    fused.inputs.push_back(graph.nodes[i].inputs[1 - convolved]);
    fused.outputs = graph.nodes[i].outputs;
    if (!accept(graph, fused)) continue;
    graph.nodes[i] = std::move(fused);
    erased[writer] = true;
  }
  EraseNodes(graph, erased);
}

void FusePadding(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    auto* convolution = std::get_if<Convolution>(&node.op);
    if (convolution == nullptr || convolution->transposed) continue;
    const auto* pad = WriterOf<Pad>(graph, uses, node.inputs[0]);
    if (pad == nullptr || pad->mode != PadMode::kConstant || pad->value != 0) continue;
    const size_t rank = pad->before.size(), height = rank - 2;
    const auto is_zero = [](int64_t extent) { return extent == 0; };
    if (!std::all_of(pad->before.begin(), pad->before.begin() + height, is_zero) ||
        !std::all_of(pad->after.begin(), pad->after.begin() + height, is_zero)) {
      continue;
    }
    Window window = convolution->window;
    for (int axis = 0; axis < 2; ++axis) {
      window.pad_begin[axis] += pad->before[height + axis];
      window.pad_end[axis] += pad->after[height + axis];
    }
    if (!CheckWindow(window).ok()) continue;
    convolution->window = window;
    node.inputs[0] = graph.nodes[uses.writer[node.inputs[0]]].inputs[0];
  }
  Prune(graph);
}

void FuseSources(Graph& graph, const AcceptNode& accept) {
  const Uses uses(graph);
  std::vector<Node> nodes = graph.nodes;
  for (Node& node : nodes) {
    const auto* convolution = std::get_if<Convolution>(&node.op);
    if (convolution == nullptr || convolution->transposed) continue;
    node = WithSources(graph, uses, node, accept);
  }
  graph.nodes = std::move(nodes);
  Prune(graph);
}

void FuseDepthwise(Graph& graph, const AcceptNode& accept) {
  const Uses uses(graph);
  std::vector<Node> nodes = graph.nodes;
  for (Node& node : nodes) {
    const Convolution* before = DepthwiseBefore(graph, uses, node);
    if (before == nullptr) continue;
    Node fused = node;
    std::get<Convolution>(fused.op).depthwise = std::make_shared<const Convolution>(*before);
    fused.inputs[0] = graph.nodes[uses.writer[node.inputs[0]]].inputs[0];
    if (accept(graph, fused)) node = std::move(fused);
  }
  graph.nodes = std::move(nodes);
  Prune(graph);
}

}  // namespace nbits::graph

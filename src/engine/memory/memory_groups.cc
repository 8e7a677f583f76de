// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/memory_groups.h"

#include <algorithm>
#include <utility>

#include "engine/kernel.h"

namespace nbits {
namespace {

using graph::Concat;
using graph::Graph;
using graph::Node;
using graph::TensorId;

class Grouper {
 public:
  Grouper(const Graph& graph, std::span<const Format> formats) : graph_(graph), formats_(formats) {
    const size_t count = graph.tensors.size();
    result_.lives.resize(count);
    result_.bytes.resize(count);
    result_.places.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const TensorId id = static_cast<TensorId>(i);
      result_.bytes[i] = StoredBytes(graph.tensors[i].shape, FormatOf(id));
    }
    FindLives();
  }

  MemoryGroups Run() {
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      NewGroup(graph_.inputs[i].tensor, static_cast<int>(i));
    }
    for (size_t i = 0; i < graph_.nodes.size(); ++i) VisitNode(static_cast<int>(i));
    for (size_t i = 0; i < graph_.outputs.size(); ++i) GiveToCaller(static_cast<int>(i));
    return std::move(result_);
  }

 private:
  void FindLives() {
    const int end = static_cast<int>(graph_.nodes.size());
    for (int i = 0; i < end; ++i) {
      for (TensorId input : graph_.nodes[i].inputs) result_.lives[input].last = i;
      for (TensorId output : graph_.nodes[i].outputs) result_.lives[output] = {i, i};
    }
    for (const graph::Port& output : graph_.outputs) result_.lives[output.tensor].last = end;
  }

  void VisitNode(int index) {
    const Node& node = graph_.nodes[index];
    if (std::holds_alternative<graph::Reshape>(node.op)) {
      return Join(node.outputs[0], result_.places[node.inputs[0]]);
    }
    if (const TensorId input = OverwritableInput(node, index); input >= 0) {
      return Join(node.outputs[0], result_.places[input]);
    }
    for (TensorId output : node.outputs) NewGroup(output, -1);
    if (const auto* concat = std::get_if<Concat>(&node.op)) PlaceInputs(node, *concat);
  }

  // ---- Writing over an input --------------------------------------------------------------------

  TensorId OverwritableInput(const Node& node, int index) const {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (CanRunInPlace(node.op, i) && CanOverwrite(node, index, node.inputs[i])) {
        return node.inputs[i];
      }
    }
    return -1;
  }

  bool CanOverwrite(const Node& node, int index, TensorId input) const {
    const TensorId output = node.outputs[0];
    const GroupPlace& place = result_.places[input];
    if (result_.groups[place.group].input >= 0 || result_.lives[input].last != index ||
        std::ranges::count(node.inputs, input) != 1 || FormatOf(input) != FormatOf(output) ||
        graph_.tensors[input].shape != graph_.tensors[output].shape) {
      return false;
    }
    // Nobody else looks at these bytes now or later.
    return std::ranges::all_of(result_.groups[place.group].members, [&](TensorId other) {
      return other == input || !ShareBytes(input, other) || result_.lives[other].last < index;
    });
  }

  // Of two members of one group.
  bool ShareBytes(TensorId a, TensorId b) const {
    const int64_t begin_a = result_.places[a].offset, begin_b = result_.places[b].offset;
    return begin_a < begin_b + result_.bytes[b] && begin_b < begin_a + result_.bytes[a];
  }

  // ---- Concatenation without copying ------------------------------------------------------------

  // Whether the inputs, as they are stored, follow each other in the output.
  bool IsContiguous(const Node& node, const Concat& op) const {
    const Shape& out = graph_.tensors[node.outputs[0]].shape;
    const Format format = FormatOf(node.outputs[0]);
    if (op.stack || op.interleave || graph::Product(out, 0, op.axis) != 1) return false;
    if (format.layout == Layout::kPlanar) return true;
    // The kernel for blocked tensors exists for whole blocks only.
    return op.axis == static_cast<int>(out.size()) - 3;
  }

  void PlaceInputs(const Node& node, const Concat& op) {
    if (!IsContiguous(node, op)) return;
    const TensorId output = node.outputs[0];
    int64_t offset = 0;
    for (TensorId input : node.inputs) {
      PlaceInput(input, output, offset);
      offset += result_.bytes[input];
    }
  }

  // Moves the group of `input` into that of `output` if it consists of `input` alone.
  void PlaceInput(TensorId input, TensorId output, int64_t offset) {
    const GroupPlace place = result_.places[input];
    const GroupPlace target = result_.places[output];
    const MemoryGroup& group = result_.groups[place.group];
    if (group.input >= 0 || place.group == target.group || place.offset != 0 ||
        group.bytes != result_.bytes[input] || FormatOf(input) != FormatOf(output)) {
      return;
    }
    for (TensorId member : std::exchange(result_.groups[place.group].members, {})) {
      Join(member, {target.group, target.offset + offset + result_.places[member].offset});
    }
  }

  // ---- Groups -----------------------------------------------------------------------------------

  void NewGroup(TensorId tensor, int input) {
    result_.places[tensor] = {static_cast<int>(result_.groups.size()), 0};
    result_.groups.push_back({result_.bytes[tensor], input, -1, {tensor}});
  }

  void Join(TensorId tensor, const GroupPlace& place) {
    result_.places[tensor] = place;
    result_.groups[place.group].members.push_back(tensor);
  }

  void GiveToCaller(int index) {
    const TensorId tensor = graph_.outputs[index].tensor;
    const GroupPlace& place = result_.places[tensor];
    MemoryGroup& group = result_.groups[place.group];
    if (group.input < 0 && group.output < 0 && place.offset == 0 &&
        group.bytes == result_.bytes[tensor] && FormatOf(tensor) == kPlanarFormat) {
      group.output = index;
    }
  }

  Format FormatOf(TensorId tensor) const {
    return formats_.empty() ? kPlanarFormat : formats_[tensor];
  }

  const Graph& graph_;
  std::span<const Format> formats_;
  MemoryGroups result_;
};

}  // namespace

MemoryGroups GroupTensors(const Graph& graph, std::span<const Format> formats) {
  return Grouper(graph, formats).Run();
}

}  // namespace nbits

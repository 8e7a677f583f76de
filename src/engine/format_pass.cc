// SPDX-License-Identifier: Apache-2.0
#include "engine/format_pass.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace nbits {
namespace {

using graph::Graph;
using graph::Node;
using graph::TensorId;

class FormatPass {
 public:
  FormatPass(Graph& graph, const ChooseFormats& choose)
      : graph_(graph), choose_(choose), formats_(graph.tensors.size()) {}

  std::vector<Format> Run() {
    // A copy: whoever chooses may look ahead in the graph.
    for (const Node& node : graph_.nodes) Place(node);
    for (graph::Port& output : graph_.outputs) output.tensor = Bring(output.tensor, kPlanarFormat);
    graph_.nodes = std::move(placed_);
    return std::move(formats_);
  }

 private:
  void Place(Node node) {
    std::vector<Format> current;
    for (TensorId input : node.inputs) current.push_back(formats_[input]);
    const NodeFormats chosen = choose_(node, current);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      node.inputs[i] = Bring(node.inputs[i], chosen.inputs[i]);
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) formats_[node.outputs[i]] = chosen.outputs[i];
    placed_.push_back(std::move(node));
  }

  // The tensor with the same values in `format`.
  TensorId Bring(TensorId tensor, const Format& format) {
    if (formats_[tensor] == format) return tensor;
    const auto key = std::pair(tensor, std::pair(format.layout, format.element));
    const auto [entry, is_new] = converted_.try_emplace(key, 0);
    if (is_new) entry->second = Convert(tensor, format);
    return entry->second;
  }

  TensorId Convert(TensorId tensor, const Format& format) {
    const TensorId target = static_cast<TensorId>(graph_.tensors.size());
    graph_.tensors.push_back(graph_.tensors[tensor]);
    formats_.push_back(format);
    placed_.push_back(
        {graph_.tensors[tensor].name, "reformat", graph::Reformat{}, {tensor}, {target}});
    return target;
  }

  Graph& graph_;
  const ChooseFormats& choose_;
  std::vector<Format> formats_;
  std::vector<Node> placed_;
  std::map<std::pair<TensorId, std::pair<Layout, Element>>, TensorId> converted_;
};

}  // namespace

NodeFormats PlanarFormats(const graph::Node& node) {
  return {std::vector<Format>(node.inputs.size()), std::vector<Format>(node.outputs.size())};
}

bool AllPlanar(const NodeFormats& formats) {
  const auto is_planar = [](const Format& format) { return format == kPlanarFormat; };
  return std::ranges::all_of(formats.inputs, is_planar) &&
         std::ranges::all_of(formats.outputs, is_planar);
}

NodeFormats BlockedFormats(std::span<const Format> current) {
  NodeFormats formats{{current.begin(), current.end()}, {kBlockedFormat}};
  for (Format& format : formats.inputs) {
    if (format.layout != Layout::kBlocked) format = kBlockedFormat;
  }
  formats.outputs[0].element = formats.inputs[0].element;
  return formats;
}

bool AllBlocked(const NodeFormats& formats) {
  const auto is_blocked = [](const Format& format) { return format.layout == Layout::kBlocked; };
  return std::ranges::all_of(formats.inputs, is_blocked) &&
         std::ranges::all_of(formats.outputs, is_blocked);
}

std::vector<Format> AssignFormats(Graph& graph, const ChooseFormats& choose) {
  return FormatPass(graph, choose).Run();
}

}  // namespace nbits

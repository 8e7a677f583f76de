// SPDX-License-Identifier: Apache-2.0
#include "tune/layers.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "engine/kernel.h"
#include "formats/neural_network/layer_facts.h"
#include "tune/stretches.h"

namespace nbits {
namespace {

constexpr int kMostBits = 8;  // Above that nothing is quantized.

// Weights of the graph are views of the model's: they begin at the same byte.
std::vector<std::optional<size_t>> FindSources(const graph::Graph& graph, const Model& model) {
  std::map<const std::byte*, size_t> by_start;
  for (size_t i = 0; i < model.weights().size(); ++i) {
    const std::span<const std::byte> bytes = model.weights()[i].tensor.bytes;
    if (!bytes.empty()) by_start[bytes.data()] = i;
  }
  std::vector<std::optional<size_t>> sources(graph.weights.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto found = by_start.find(graph.weights[i].bytes.data());
    if (found != by_start.end()) sources[i] = found->second;
  }
  return sources;
}

// How often each of the model's weights is used.
std::vector<int> CountUses(const graph::Graph& graph, size_t weights, const Layers& layers) {
  std::vector<int> uses(weights, 0);
  for (const graph::Node& node : graph.nodes) {
    for (const graph::WeightId id : WeightsOf(node.op)) {
      if (const auto& source = layers.sources[static_cast<size_t>(id)]) ++uses[*source];
    }
  }
  return uses;
}

// Whether the user has said that it stays as it is; others are kept because nothing was asked.
bool MayChangeBias(const WeightRef& bias, const PlanEntry& entry) {
  if (!entry.keep) return true;
  const bool is_float =
      bias.tensor.scheme == Scheme::kFloat32 || bias.tensor.scheme == Scheme::kFloat16;
  return is_float && entry.reason != "asked for" && entry.reason != "no rule names it";
}

std::optional<size_t> FindBias(const Model& model, const std::vector<LayerFacts>& facts,
                               const Plan& plan, size_t weight) {
  for (size_t i = 0; i < facts.size(); ++i) {
    const bool is_partner = facts[i].layer == facts[weight].layer && !facts[i].unused &&
                            model.weights()[i].field == "bias";
    if (is_partner && MayChangeBias(model.weights()[i], plan.entries[i])) return i;
  }
  return std::nullopt;
}

// Why the weight of a node is quantized without pictures; empty: it need not be.
std::string WhyNot(const graph::Graph& graph, const graph::Node& node, const PlanEntry& entry,
                   int uses, const std::vector<bool>& is_source) {
  if (!ColumnReader::For(graph, node)) {
    return absl::StrCat("layers of type ", node.kind, " are quantized without pictures");
  }
  if (entry.mode == Mode::kCustomLut) return "its table is the caller's";
  if (uses > 1) return "several layers use it";
  if (is_source[static_cast<size_t>(node.inputs[0])]) return "its layer's input is a constant";
  return "";
}

bool IsQuantized(const PlanEntry& entry) { return !entry.keep && entry.bits <= kMostBits; }

}  // namespace

const std::vector<float>* BiasOf(const graph::Node& node) {
  if (const auto* op = std::get_if<graph::Convolution>(&node.op)) return &op->bias;
  if (const auto* op = std::get_if<graph::Convolution3d>(&node.op)) return &op->bias;
  if (const auto* op = std::get_if<graph::InnerProduct>(&node.op)) return &op->bias;
  return nullptr;
}

std::vector<float>* BiasOf(graph::Node& node) {
  return const_cast<std::vector<float>*>(BiasOf(std::as_const(node)));
}

Layers FindLayers(const graph::Graph& graph, const Model& model, const Plan& plan) {
  Layers layers;
  layers.sources = FindSources(graph, model);
  layers.reasons.resize(plan.entries.size());
  for (size_t i = 0; i < plan.entries.size(); ++i) {
    if (IsQuantized(plan.entries[i])) layers.reasons[i] = "no layer with fixed shapes reads it";
  }
  const std::vector<LayerFacts> facts = FactsOfWeights(model);
  const std::vector<int> uses = CountUses(graph, plan.entries.size(), layers);
  const std::vector<bool> is_source = SourceTensors(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    for (const graph::WeightId id : WeightsOf(node.op)) {
      const std::optional<size_t> source = layers.sources[static_cast<size_t>(id)];
      if (!source || !IsQuantized(plan.entries[*source])) continue;
      std::string& reason = layers.reasons[*source];
      reason = WhyNot(graph, node, plan.entries[*source], uses[*source], is_source);
      if (!reason.empty()) continue;
      layers.places.push_back({i, *source, FindBias(model, facts, plan, *source),
                               !BiasOf(node)->empty(), id, *ColumnReader::For(graph, node)});
    }
  }
  return layers;
}

}  // namespace nbits

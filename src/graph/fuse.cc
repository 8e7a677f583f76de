// SPDX-License-Identifier: Apache-2.0
#include "graph/fuse.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "graph/fuse_inputs.h"

namespace nbits::graph {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// min(max(scale * x + shift, low), high): closed under composition.
struct ClampedLine {
  float scale = 1, shift = 0, low = -kInfinity, high = kInfinity;
};

std::optional<ClampedLine> AsClampedLine(const Unary& op) {
  ClampedLine line{op.scale, op.shift};
  switch (op.function) {
    case UnaryFunction::kRelu:
      line.low = 0;
      return line;
    case UnaryFunction::kThreshold:
      line.low = op.alpha;
      return line;
    case UnaryFunction::kClip:
      if (!(op.alpha <= op.beta)) return std::nullopt;
      line.low = op.alpha;
      line.high = op.beta;
      return line;
    case UnaryFunction::kLinear:
      return ClampedLine{op.alpha * op.scale, op.alpha * op.shift + op.beta};
    default:
      return std::nullopt;
  }
}

std::optional<ClampedLine> Compose(const ClampedLine& first, const ClampedLine& second) {
  // A scale of 0 would make NaN of an infinite bound.
  if (!std::isfinite(second.scale) || second.scale == 0) return std::nullopt;
  float low = second.scale * first.low + second.shift;
  float high = second.scale * first.high + second.shift;
  if (second.scale < 0) std::swap(low, high);
  return ClampedLine{first.scale * second.scale, first.shift * second.scale + second.shift,
                     std::clamp(low, second.low, second.high),
                     std::clamp(high, second.low, second.high)};
}

Unary FromClampedLine(const ClampedLine& line) {
  if (line.low == -kInfinity && line.high == kInfinity) {
    return {UnaryFunction::kLinear, line.scale, line.shift};
  }
  if (line.low == 0 && line.high == kInfinity) {
    return {UnaryFunction::kRelu, 0, 0, line.scale, line.shift};
  }
  return {UnaryFunction::kClip, line.low, line.high, line.scale, line.shift};
}

// Each returns whether `second`, the only reader of `first`, now is part of `first`.

bool FuseUnaries(Node& first, const Node& second) {
  const Unary* a = std::get_if<Unary>(&first.op);
  const Unary* b = std::get_if<Unary>(&second.op);
  if (a == nullptr || b == nullptr) return false;
  const auto line_a = AsClampedLine(*a), line_b = AsClampedLine(*b);
  if (!line_a || !line_b) return false;
  const auto line = Compose(*line_a, *line_b);
  if (!line) return false;
  first.op = FromClampedLine(*line);
  return true;
}

bool FuseChannelAffine(Node& first, const Node& second) {
  Convolution* convolution = std::get_if<Convolution>(&first.op);
  const ChannelAffine* affine = std::get_if<ChannelAffine>(&second.op);
  if (convolution == nullptr || affine == nullptr || convolution->activation) return false;
  const size_t channels = affine->scale.size();
  convolution->bias.resize(channels, 0.0f);
  convolution->scale.resize(channels, 1.0f);
  for (size_t c = 0; c < channels; ++c) {
    convolution->bias[c] = convolution->bias[c] * affine->scale[c] + affine->offset[c];
    convolution->scale[c] *= affine->scale[c];
  }
  return true;
}

bool FuseActivation(Node& first, const Node& second) {
  const Unary* unary = std::get_if<Unary>(&second.op);
  if (unary == nullptr) return false;
  std::optional<Unary>* place = nullptr;
  if (auto* convolution = std::get_if<Convolution>(&first.op)) place = &convolution->activation;
  if (auto* product = std::get_if<InnerProduct>(&first.op)) place = &product->activation;
  if (place == nullptr || place->has_value()) return false;
  *place = *unary;
  return true;
}

using Rule = bool (*)(Node&, const Node&);

void ApplyRule(Graph& graph, Rule rule) {
  const std::vector<int> readers = CountReaders(graph);
  std::vector<int> writer(graph.tensors.size(), -1);  // Index into `kept`.
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    const TensorId input = node.inputs.size() == 1 ? node.inputs[0] : -1;
    const int first = input >= 0 && readers[input] == 1 ? writer[input] : -1;
    if (first >= 0 && kept[first].outputs.size() == 1 && node.outputs.size() == 1 &&
        rule(kept[first], node)) {
      kept[first].outputs = node.outputs;
      writer[node.outputs[0]] = first;
      continue;
    }
    for (TensorId output : node.outputs) writer[output] = static_cast<int>(kept.size());
    kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

}  // namespace

void Fuse(Graph& graph, const AcceptNode& accept) {
  ApplyRule(graph, FuseUnaries);
  ApplyRule(graph, FuseChannelAffine);
  if (accept) FuseAdditions(graph, accept);
  ApplyRule(graph, FuseActivation);
  if (accept) FuseAdditions(graph, accept);
  FusePadding(graph);
  if (accept) FuseSources(graph, accept);
  if (accept) FuseDepthwise(graph, accept);
}

}  // namespace nbits::graph

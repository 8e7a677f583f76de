// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_convolution.h"

#include <algorithm>
#include <vector>

#include "engine/kernels/direct/direct_match.h"
#include "engine/kernels/int8/int8_product.h"
#include "engine/kernels/int8/int8_run.h"
#include "engine/kernels/winograd/winograd.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

static_assert(kMostProducts <= kMostInt8Products);
constexpr int64_t kLeastChannels = 9;  // Fewer would fill less than half of a block of 16.

// Whether output pixel i reads input pixel i and no other, so that rows may be taken together.
bool IsPixelwise(const Convolution& op) {
  const bool resizes =
      std::ranges::any_of(op.sources, [](const auto& source) { return source.has_value(); });
  return op.window.is_pixelwise() && !resizes;
}

// Whether there is a kernel for what the input goes through first.
bool CanFetch(const Convolution& op, const Shape& input) {
  if (op.depthwise == nullptr) return true;
  return op.sources.empty() && IsPixelwise(op) && IsBlockedDepthwise(*op.depthwise, input);
}

// The image as one row.
Convolution Flattened(Convolution op) {
  op.output = {1, op.output[0] * op.output[1]};
  return op;
}
Shape Flattened(const Shape& shape) {
  const ImageExtents e = ImageExtentsOf(shape);
  return {e.batch, e.channels, 1, e.pixels()};
}

Int8Problem ProblemOf(const Graph& graph, const Node& node) {
  const auto& op = std::get<Convolution>(node.op);
  const PackedTensor& weights = graph.weights[op.weight];
  const int64_t channels = weights.shape[1], taps = op.window.kernel[0] * op.window.kernel[1];
  std::optional<Depthwise> depthwise;
  if (op.depthwise != nullptr) {
    depthwise.emplace(*op.depthwise, graph.weights[op.depthwise->weight],
                      graph.tensors[node.inputs[0]].shape);
  }
  return {IsPixelwise(op) ? Flattened(op) : op,
          Int8Rows(op.window, ChannelBlocks(channels), kInt8Run),
          Int8Weights(weights, op.scale, channels, taps),
          ConvolutionTail(op),
          &op,
          std::move(depthwise)};
}

class Int8Kernel : public Kernel {
 public:
  Int8Kernel(const Graph& graph, const Node& node, int threads)
      : problem_(ProblemOf(graph, node)),
        threads_(threads),
        flattens_(IsPixelwise(std::get<Convolution>(node.op))) {}

  absl::Status Run(const Call& call) const override {
    std::vector<Shape> shapes;
    std::vector<Operand> inputs;
    shapes.reserve(call.inputs.size());  // Operands refer to them.
    for (const Operand& input : call.inputs) {
      shapes.push_back(flattens_ ? Flattened(input.shape) : input.shape);
      inputs.push_back({shapes.back(), input.data, input.format});
    }
    Int8Run(problem_, inputs, call, std::min(call.threads, threads_))
        .Run(ImageExtentsOf(call.outputs[0].shape).batch);
    return absl::OkStatus();
  }
  int64_t workspace_bytes() const override { return Int8Run::WorkspaceBytes(problem_, threads_); }
  bool decodes_whole_weights() const override { return false; }
  absl::string_view name() const override {
    return problem_.depthwise ? "depthwise + int8" : "int8";
  }

 private:
  Int8Problem problem_;
  int threads_;
  bool flattens_;
};

// Whether the Float32 kernels are the faster for a convolution of this shape. VNNI does four times
// the products a second of Float32, byte pairs without it less than twice; Winograd's form saves
// three quarters of the products and more.
bool IsFasterInFloat(const Graph& graph, const Node& node, std::span<const Format> current,
                     const EngineOptions& options) {
  const auto& op = std::get<Convolution>(node.op);
  const Int8Weights weights(graph.weights[op.weight], op.scale, 1, 1);
  // Two terms of bytes that often saturate take as long as Float32.
  if (weights.terms() == 2 && SaturatesPairs()) return true;
  return ChooseWinogradFormats(graph, node, current, options).has_value();
}

const Convolution* AsInt8(const Graph& graph, const Node& node, const EngineOptions& options) {
  if (options.compute != Compute::kInt8) return nullptr;
  const Convolution* op = AsDense(graph, node);
  if (op == nullptr || op->output_channels <= kMostFewOutputs) return nullptr;
  if (!CanFetch(*op, graph.tensors[node.inputs[0]].shape)) return nullptr;
  const PackedTensor& weights = graph.weights[op->weight];
  return weights.shape[1] >= kLeastChannels && Int8Weights::CanRead(weights) ? op : nullptr;
}

}  // namespace

std::optional<NodeFormats> ChooseInt8Formats(const Graph& graph, const Node& node,
                                             std::span<const Format> current,
                                             const EngineOptions& options) {
  if (AsInt8(graph, node, options) == nullptr) return std::nullopt;
  if (IsFasterInFloat(graph, node, current, options)) return std::nullopt;
  return BlockedFormats(current);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeInt8Kernel(const Graph& graph, const Node& node,
                                                       const NodeFormats& formats,
                                                       const EngineOptions& options) {
  if (AsInt8(graph, node, options) == nullptr || !AllBlocked(formats) ||
      IsFasterInFloat(graph, node, formats.inputs, options)) {
    return nullptr;
  }
  return std::make_unique<Int8Kernel>(graph, node, options.threads);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pointwise/pointwise.h"

#include <algorithm>
#include <vector>

#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/depthwise/depthwise.h"
#include "engine/kernels/pointwise/pointwise_plan.h"
#include "engine/kernels/pointwise/pointwise_rows.h"
#include "engine/kernels/pointwise/pointwise_run.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

class PointwiseKernel : public Kernel {
 public:
  PointwiseKernel(const Convolution& op, const PackedTensor& weights, int64_t input_channels,
                  const PackedTensor* depthwise_weights, const Shape& input, int threads)
      : op_(op),
        tail_(op),
        scale_(PaddedScale(op)),
        weights_(weights, input_channels, scale_.data()),
        plan_(PlanPointwise(input_channels, op.output_channels, op.output[0] * op.output[1],
                            threads)),
        threads_(threads) {
    if (depthwise_weights != nullptr) depthwise_.emplace(*op.depthwise, *depthwise_weights, input);
  }

  absl::Status Run(const Call& call) const override {
    const float* depthwise_weights = depthwise_ ? depthwise_->Decode(call.workspace) : nullptr;
    const PointwiseRows rows(op_, call, depthwise_ ? &*depthwise_ : nullptr, depthwise_weights);
    RunPointwise(op_, plan_, tail_, weights_, rows, call, std::min(call.threads, threads_));
    return absl::OkStatus();
  }

  int64_t workspace_bytes() const override {
    return PointwiseWorkspaceBytes(plan_, weights_, threads_) +
           (depthwise_ ? depthwise_->decoded_bytes() : 0);
  }
  bool decodes_whole_weights() const override { return false; }
  absl::string_view name() const override {
    return depthwise_ ? "depthwise + pointwise" : "pointwise";
  }

 private:
  static std::vector<float> PaddedScale(const Convolution& op) {
    std::vector<float> scale(ChannelBlocks(op.output_channels) * kChannelBlock, 1.0f);
    std::ranges::copy(op.scale, scale.begin());
    return scale;
  }

  const Convolution& op_;  // The graph outlives its kernels.
  ConvolutionTail tail_;
  std::vector<float> scale_;
  BlockWeights weights_;
  PointwisePlan plan_;
  std::optional<Depthwise> depthwise_;
  int threads_;
};

// Channels from which on a block of 16 is worth filling.
constexpr int64_t kLeastChannels = 9;
constexpr int64_t kLongestStride = 16;

bool HasKernelFor(const Convolution& op, const Shape& input) {
  if (op.depthwise == nullptr) return true;
  return op.sources.empty() && op.window.is_pixelwise() && IsBlockedDepthwise(*op.depthwise, input);
}

const Convolution* AsPointwise(const Graph& graph, const Node& node) {
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr || op->transposed || op->groups != 1) return nullptr;
  const Shape& input = graph.tensors[node.inputs[0]].shape;
  if (!CanBeBlocked(input) || op->window.kernel != graph::Pair{1, 1}) return nullptr;
  if (std::ranges::max(op->window.stride) > kLongestStride) return nullptr;
  const bool is_wide =
      graph.weights[op->weight].shape[1] >= kLeastChannels && op->output_channels >= kLeastChannels;
  return is_wide && HasKernelFor(*op, input) ? op : nullptr;
}

}  // namespace

std::optional<NodeFormats> ChoosePointwiseFormats(const Graph& graph, const Node& node,
                                                  std::span<const Format> current,
                                                  const EngineOptions&) {
  if (AsPointwise(graph, node) == nullptr) return std::nullopt;
  return BlockedFormats(current);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakePointwiseKernel(const Graph& graph, const Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options) {
  const Convolution* op = AsPointwise(graph, node);
  if (op == nullptr || !AllBlocked(formats)) return nullptr;
  const PackedTensor& weights = graph.weights[op->weight];
  const PackedTensor* depthwise =
      op->depthwise != nullptr ? &graph.weights[op->depthwise->weight] : nullptr;
  return std::make_unique<PointwiseKernel>(*op, weights, weights.shape[1], depthwise,
                                           graph.tensors[node.inputs[0]].shape, options.threads);
}

}  // namespace nbits

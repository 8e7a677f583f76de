// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd/winograd.h"

#include <algorithm>
#include <vector>

#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/winograd/winograd_plan.h"
#include "engine/kernels/winograd/winograd_run.h"
#include "engine/kernels/winograd/winograd_transform.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

class WinogradKernel : public Kernel {
 public:
  WinogradKernel(const Convolution& op, const PackedTensor& weights, const WinogradPlan& plan,
                 int threads)
      : op_(op), weights_(weights), plan_(plan), threads_(threads), tail_(op) {
    scale_.assign(plan.output_blocks * kChannelBlock, 1.0f);
    std::ranges::copy(op.scale, scale_.begin());
  }

  absl::Status Run(const Call& call) const override {
    RunWinograd(op_, plan_, tail_, scale_.data(), weights_, call, std::min(call.threads, threads_));
    return absl::OkStatus();
  }

  int64_t workspace_bytes() const override { return WinogradWorkspaceBytes(plan_, threads_); }

  absl::string_view name() const override {
    return plan_.outputs == 4 ? "winograd 4x4" : "winograd 6x6";
  }

 private:
  const Convolution& op_;  // The graph outlives its kernels.
  const PackedTensor& weights_;
  WinogradPlan plan_;
  int threads_;
  ConvolutionTail tail_;
  std::vector<float> scale_;  // Padded to whole blocks.
};

// Channels from which on a block of 16 is worth filling.
constexpr int64_t kLeastChannels = 9;
constexpr int64_t kMostDilation = 64;  // Above, few images fill the tiles of so many phases.

int64_t InputChannels(const Graph& graph, const Convolution& op) {
  return graph.weights[op.weight].shape[1];
}

const Convolution* AsWinograd(const Graph& graph, const Node& node) {
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr || op->transposed || op->groups != 1) return nullptr;
  const graph::Window& window = op->window;
  if (window.kernel != graph::Pair{3, 3} || window.stride != graph::Pair{1, 1}) return nullptr;
  if (!CanBeBlocked(graph.tensors[node.inputs[0]].shape)) return nullptr;
  if (window.dilation[0] > kMostDilation || window.dilation[1] > kMostDilation) return nullptr;
  const int64_t tiles = TileGrid(4, op->output, window.dilation).count();
  const bool saves = tiles * WinogradPoints(4) < kWinogradTaps * op->output[0] * op->output[1];
  const bool is_wide =
      InputChannels(graph, *op) >= kLeastChannels && op->output_channels >= kLeastChannels;
  return is_wide && saves ? op : nullptr;
}

}  // namespace

std::optional<NodeFormats> ChooseWinogradFormats(const Graph& graph, const Node& node,
                                                 std::span<const Format> current,
                                                 const EngineOptions&) {
  if (AsWinograd(graph, node) == nullptr) return std::nullopt;
  return BlockedFormats(current);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeWinogradKernel(const Graph& graph, const Node& node,
                                                           const NodeFormats& formats,
                                                           const EngineOptions& options) {
  const Convolution* op = AsWinograd(graph, node);
  if (op == nullptr || !AllBlocked(formats)) return nullptr;
  return std::make_unique<WinogradKernel>(
      *op, graph.weights[op->weight], PlanWinograd(*op, InputChannels(graph, *op), options.threads),
      options.threads);
}

}  // namespace nbits

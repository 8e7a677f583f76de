// SPDX-License-Identifier: Apache-2.0
// Convolutions to few channels, such as mattes: vectors run over the input channels.
#include <algorithm>
#include <vector>

#include "engine/kernels/common/vector_rows.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/direct/direct.h"
#include "engine/kernels/direct/direct_match.h"
#include "engine/kernels/direct/direct_rows.h"
#include "engine/kernels/direct/dot_rows.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

class FewOutputsKernel : public Kernel {
 public:
  FewOutputsKernel(const Convolution& op, graph::WeightId weight, int64_t channels, int threads)
      : op_(op),
        weight_(weight),
        channels_(channels),
        threads_(threads),
        rows_(op.window, ChannelBlocks(channels), kLongestRun) {}

  absl::Status Run(const Call& call) const override {
    const InputPatch input(op_, call.inputs);
    const float* weights = PackWeights(call.workspace);
    std::vector<float*> scratch;
    for (int i = 0; i < std::min(call.threads, threads_); ++i) {
      scratch.push_back(call.workspace.Floats(ScratchFloats()));
    }
    const ImageExtents extents = ImageExtentsOf(call.outputs[0].shape);
    const int64_t runs = (extents.width + kLongestRun - 1) / kLongestRun;
    ForWorkers(extents.batch * extents.height * runs, static_cast<int>(scratch.size()),
               [&](int64_t item, int64_t worker) {
                 const int64_t row = item / runs, x = item % runs * kLongestRun;
                 const PixelRun run{row / extents.height, row % extents.height, x,
                                    std::min(kLongestRun, extents.width - x)};
                 RunPixels(call, input, weights, run, scratch[worker]);
               });
    return absl::OkStatus();
  }

  int64_t workspace_bytes() const override {
    return AlignedSize(4 * op_.output_channels * KernelFloats()) +
           threads_ * AlignedSize(4 * ScratchFloats());
  }
  absl::string_view name() const override { return "few outputs"; }

 private:
  static constexpr int64_t kLongestRun = 64;  // Pixels at a time.

  int64_t taps() const { return op_.window.kernel[0] * op_.window.kernel[1]; }
  int64_t KernelFloats() const { return ChannelBlocks(channels_) * taps() * kChannelBlock; }
  // The product's rows, and 7 pixels of a double row more, see DotRows; then a run's sums.
  int64_t ScratchFloats() const { return rows_.layout().floats + 16 * kChannelBlock + kLongestRun; }

  // [output channel][input block][tap][16 input channels]
  const float* PackWeights(Workspace& workspace) const {
    float* packed = workspace.Floats(op_.output_channels * KernelFloats());
    const float* weights = workspace.Weight(weight_);
    std::fill_n(packed, op_.output_channels * KernelFloats(), 0.0f);
    for (int64_t k = 0; k < op_.output_channels; ++k) {
      const float scale = op_.scale.empty() ? 1.0f : op_.scale[k];
      for (int64_t i = 0; i < channels_ * taps(); ++i) {
        const int64_t c = i / taps(), tap = i % taps();
        packed[k * KernelFloats() + (c / kChannelBlock * taps() + tap) * kChannelBlock +
               c % kChannelBlock] = weights[k * channels_ * taps() + i] * scale;
      }
    }
    return packed;
  }

  void RunPixels(const Call& call, const InputPatch& input, const float* weights,
                 const PixelRun& run, float* scratch) const {
    rows_.Fetch(input, run, scratch);
    const RowLayout& layout = rows_.layout();
    const int64_t stride = (layout.double_rows ? 2 : 1) * kChannelBlock;
    float* sums = scratch + ScratchFloats() - kLongestRun;
    for (int64_t k = 0; k < op_.output_channels; ++k) {
      const int64_t row = (run.entry * op_.output_channels + k) * op_.output[0] + run.y;
      const int64_t first = row * op_.output[1] + run.x;
      DotRows(scratch, layout.offsets, stride, run.count, weights + k * KernelFloats(), sums);
      Finish(call, k, first, run.count, sums);
    }
  }

  // From `sums`, since the output may stand where the residual stands.
  void Finish(const Call& call, int64_t channel, int64_t first, int64_t count, float* sums) const {
    const float bias = op_.bias.empty() ? 0.0f : op_.bias[channel];
    for (int64_t i = 0; i < count; ++i) sums[i] += bias;
    if (op_.addition == graph::Addition::kBeforeActivation) AddRow(call, first, count, sums);
    if (op_.activation) UnaryRow(*op_.activation, sums, sums, count);
    if (op_.addition == graph::Addition::kAfterActivation) AddRow(call, first, count, sums);
    std::copy_n(sums, count, call.outputs[0].data + first);
  }

  static void AddRow(const Call& call, int64_t first, int64_t count, float* sums) {
    const float* add = call.inputs.back().data + first;
    for (int64_t i = 0; i < count; ++i) sums[i] += add[i];
  }

  const Convolution& op_;  // The graph outlives its kernels.
  graph::WeightId weight_;
  int64_t channels_;
  int threads_;
  BlockedRows rows_;
};

const Convolution* AsFewOutputs(const Graph& graph, const Node& node) {
  const Convolution* op = AsDirect(graph, node);
  return op != nullptr && op->output_channels <= kMostFewOutputs ? op : nullptr;
}

// An input of few channels would leave most of a vector empty.
constexpr int64_t kLeastInputs = 8;

}  // namespace

std::optional<NodeFormats> ChooseFewOutputsFormats(const Graph& graph, const Node& node,
                                                   std::span<const Format> current,
                                                   const EngineOptions&) {
  const Convolution* op = AsFewOutputs(graph, node);
  if (op == nullptr || graph.weights[op->weight].shape[1] < kLeastInputs) return std::nullopt;
  NodeFormats formats = BlockedFormats(current);
  formats.outputs[0] = kPlanarFormat;
  if (op->adds()) formats.inputs.back() = kPlanarFormat;
  return formats;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeFewOutputsKernel(const Graph& graph, const Node& node,
                                                             const NodeFormats& formats,
                                                             const EngineOptions& options) {
  const Convolution* op = AsFewOutputs(graph, node);
  if (op == nullptr || formats.outputs[0] != kPlanarFormat) return nullptr;
  const size_t sources = formats.inputs.size() - (op->adds() ? 1 : 0);
  for (size_t i = 0; i < sources; ++i) {
    if (formats.inputs[i].layout != Layout::kBlocked) return nullptr;
  }
  if (op->adds() && formats.inputs.back() != kPlanarFormat) return nullptr;
  return std::make_unique<FewOutputsKernel>(*op, op->weight, graph.weights[op->weight].shape[1],
                                            options.threads);
}

}  // namespace nbits

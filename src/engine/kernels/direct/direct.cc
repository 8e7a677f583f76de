// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/direct/direct.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "engine/kernels/common/kernel_lanes.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/convolution/tail_row.h"
#include "engine/kernels/direct/direct_match.h"
#include "engine/kernels/direct/direct_rows.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

// Pixels multiplied at a time: whole groups of rows of the product.
constexpr int64_t kLongestRun = 48;

// How the input is laid out for the product.
struct DirectInput {
  std::variant<BlockedRows, PlanarRows> rows;
  int64_t channels, taps;  // As the weights are read: blocks of channels, `taps` products each.

  const RowLayout& layout() const {
    return std::visit([](const auto& typed) -> const RowLayout& { return typed.layout(); }, rows);
  }
  int64_t channel_blocks() const { return ChannelBlocks(channels); }
};

// Floats of the weights of one output block.
int64_t KernelFloats(const DirectInput& input) {
  return input.channel_blocks() * input.taps * kChannelBlock * kChannelBlock;
}

class DirectRun {
 public:
  DirectRun(const Convolution& op, const DirectInput& input, const ConvolutionTail& tail,
            const float* scale, const PackedTensor& weights, const Call& call, int workers)
      : op_(op),
        input_(input),
        tail_(tail),
        scale_(scale),
        kernels_(weights, input.channels, input.taps),
        patch_(op, call.inputs),
        call_(call),
        group_(std::min(tail.blocks(), OutputBlocksTogether())),
        weights_(call.workspace.Floats(tail.blocks() * KernelFloats(input))) {
    for (int i = 0; i < workers; ++i) scratch_.push_back(TakeScratch());
  }

  static int64_t WorkspaceBytes(const DirectInput& input, int64_t output_blocks, int threads) {
    const int64_t scratch = AlignedSize(4 * DecodedFloats(input)) +
                            AlignedSize(4 * input.layout().floats) + AlignedSize(4 * kSumFloats);
    return AlignedSize(4 * output_blocks * KernelFloats(input)) + threads * scratch;
  }

  void Run(int64_t batch) {
    PackWeights();
    for (int64_t entry = 0; entry < batch; ++entry) {
      outputs_.push_back(OutputOf(tail_, op_, call_, entry));
    }
    const int64_t runs = (op_.output[1] + kLongestRun - 1) / kLongestRun;
    const int64_t groups = (tail_.blocks() + group_ - 1) / group_;
    const int64_t items = batch * op_.output[0] * runs;
    // Few pixels are fetched anew for every group of output channels, so that no thread idles.
    const int64_t parts = items < 4 * workers() ? groups : 1;
    ForWorkers(items * parts, workers(), [&](int64_t item, int64_t worker) {
      const int64_t run = item / parts % runs, row = item / parts / runs;
      const int64_t x = run * kLongestRun;
      const PixelRun pixels{row / op_.output[0], row % op_.output[0], x,
                            std::min(kLongestRun, op_.output[1] - x)};
      const int64_t first = item % parts * group_;
      RunPixels(pixels, first, parts == 1 ? tail_.blocks() : first + group_, scratch_[worker]);
    });
  }

 private:
  static constexpr int64_t kSumFloats = 2 * kLongestRun * kChannelBlock;  // Of two output blocks.
  static int64_t DecodedFloats(const DirectInput& input) {
    return 2 * input.taps * kChannelBlock * kChannelBlock;
  }

  struct Scratch {
    float *decoded, *rows, *sums;
  };
  Scratch TakeScratch() {
    Workspace& workspace = call_.workspace;
    Scratch scratch;
    scratch.decoded = workspace.Floats(DecodedFloats(input_));
    scratch.rows = workspace.Floats(input_.layout().floats);
    scratch.sums = workspace.Floats(kSumFloats);
    return scratch;
  }
  int workers() const { return static_cast<int>(scratch_.size()); }

  // weights_[output block][channel block][tap][input channel][output channel]
  void PackWeights() const {
    const int64_t blocks = input_.channel_blocks();
    ForWorkers(tail_.blocks() * blocks, workers(), [&](int64_t item, int64_t worker) {
      float* rows = scratch_[worker].decoded;
      float* lanes = rows + input_.taps * kChannelBlock * kChannelBlock;
      kernels_.Read(item / blocks, item % blocks * kChannelBlock, kChannelBlock, rows, lanes);
      PackBlock(lanes, scale_ + item / blocks * kChannelBlock,
                weights_ + item * input_.taps * kChannelBlock * kChannelBlock);
    });
  }

  // From [input channel][tap][output channel] to [tap][input channel][output channel], scaled.
  void PackBlock(const float* from, const float* scale, float* to) const {
    for (int64_t tap = 0; tap < input_.taps; ++tap) {
      for (int64_t c = 0; c < kChannelBlock; ++c, to += kChannelBlock) {
        const float* lanes = from + (c * input_.taps + tap) * kChannelBlock;
        for (int64_t k = 0; k < kChannelBlock; ++k) to[k] = lanes[k] * scale[k];
      }
    }
  }

  void FetchRows(const PixelRun& run, float* to) const {
    if (const auto* planar = std::get_if<PlanarRows>(&input_.rows)) {
      planar->Fetch(call_.inputs[0].data, run, to);
    } else {
      std::get<BlockedRows>(input_.rows).Fetch(patch_, run, to);
    }
  }

  // Output blocks [first, end).
  void RunPixels(const PixelRun& run, int64_t first, int64_t end, const Scratch& scratch) const {
    FetchRows(run, scratch.rows);
    for (int64_t block = first; block < std::min(end, tail_.blocks()); block += group_) {
      const int64_t count = std::min(group_, tail_.blocks() - block);
      RunBlockProduct({.in = scratch.rows,
                       .offsets = input_.layout().offsets,
                       .rows = run.count,
                       .double_rows = input_.layout().double_rows,
                       .weights = weights_ + block * KernelFloats(input_),
                       .weight_stride = KernelFloats(input_),
                       .output_blocks = count,
                       .out = scratch.sums,
                       .out_stride = kLongestRun * kChannelBlock});
      for (int64_t b = 0; b < count; ++b) {
        StoreTailRow(scratch.sums + b * kLongestRun * kChannelBlock, run.count, outputs_[run.entry],
                     block + b, run.y, run.x);
      }
    }
  }

  const Convolution& op_;
  const DirectInput& input_;
  const ConvolutionTail& tail_;
  const float* scale_;
  KernelLanes kernels_;
  InputPatch patch_;
  const Call& call_;
  int64_t group_;  // Output blocks multiplied at a time.
  float* weights_;
  std::vector<Scratch> scratch_;
  std::vector<BlockedOutput> outputs_;  // By batch entry.
};

class DirectKernel : public Kernel {
 public:
  DirectKernel(const Convolution& op, const PackedTensor& weights, DirectInput input, int threads)
      : op_(op), weights_(weights), input_(std::move(input)), threads_(threads), tail_(op) {
    scale_.assign(tail_.blocks() * kChannelBlock, 1.0f);
    std::ranges::copy(op.scale, scale_.begin());
  }

  absl::Status Run(const Call& call) const override {
    const int workers = std::min(call.threads, threads_);
    DirectRun(op_, input_, tail_, scale_.data(), weights_, call, workers)
        .Run(ImageExtentsOf(call.outputs[0].shape).batch);
    return absl::OkStatus();
  }
  int64_t workspace_bytes() const override {
    return DirectRun::WorkspaceBytes(input_, tail_.blocks(), threads_);
  }
  absl::string_view name() const override { return "direct"; }

 private:
  const Convolution& op_;  // The graph outlives its kernels.
  const PackedTensor& weights_;
  DirectInput input_;
  int threads_;
  ConvolutionTail tail_;
  std::vector<float> scale_;  // Padded to whole blocks.
};

// Above, a channel block holds enough channels to be worth converting to.
constexpr int64_t kMostPlanarChannels = 4;

bool StaysPlanar(const Graph& graph, const Convolution& op, const Format& format) {
  return op.sources.empty() && format == kPlanarFormat &&
         graph.weights[op.weight].shape[1] <= kMostPlanarChannels;
}

DirectInput InputOf(const Graph& graph, const Node& node, const Convolution& op, bool is_planar) {
  const int64_t channels = graph.weights[op.weight].shape[1];
  const int64_t taps = op.window.kernel[0] * op.window.kernel[1];
  if (is_planar) {
    const ImageExtents extents = ImageExtentsOf(graph.tensors[node.inputs[0]].shape);
    return {PlanarRows(op.window, extents, kLongestRun), channels * taps, 1};
  }
  return {BlockedRows(op.window, ChannelBlocks(channels), kLongestRun), channels, taps};
}

}  // namespace

std::optional<NodeFormats> ChooseDirectFormats(const Graph& graph, const Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions&) {
  const Convolution* op = AsDirect(graph, node);
  if (op == nullptr || op->output_channels <= kMostFewOutputs) return std::nullopt;
  NodeFormats formats = BlockedFormats(current);
  if (StaysPlanar(graph, *op, current[0])) formats.inputs[0] = current[0];
  return formats;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeDirectKernel(const Graph& graph, const Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options) {
  const Convolution* op = AsDirect(graph, node);
  if (op == nullptr) return nullptr;
  const bool is_planar = StaysPlanar(graph, *op, formats.inputs[0]);
  NodeFormats others = formats;
  if (is_planar) others.inputs.erase(others.inputs.begin());
  if (!AllBlocked(others)) return nullptr;
  return std::make_unique<DirectKernel>(*op, graph.weights[op->weight],
                                        InputOf(graph, node, *op, is_planar), options.threads);
}

}  // namespace nbits

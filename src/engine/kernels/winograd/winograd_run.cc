// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/winograd/winograd_run.h"

#include <algorithm>
#include <vector>

#include "engine/kernels/common/kernel_lanes.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/convolution/input_patch.h"
#include "engine/kernels/winograd/winograd_transform.h"

namespace nbits {
namespace {

using graph::Convolution;

// Tiles whose input is fetched at once: their patch stays in the first-level cache.
constexpr int64_t kPatchTiles = 8;
// Input blocks whose weights are decoded at once.
constexpr int64_t kDecodedBlocks = 4;

int64_t PatchFloats(int64_t outputs) {
  return (outputs + 2) * (kPatchTiles * outputs + 2) * kChannelBlock;
}

// Floats that one worker needs for itself.
struct WorkerFloats {
  int64_t decoded, patch, input, weights, products;

  explicit WorkerFloats(const WinogradPlan& plan)
      : decoded(2 * kDecodedBlocks * kChannelBlock * kChannelBlock * kWinogradTaps),
        patch(PatchFloats(plan.outputs)),
        products(plan.points() * plan.product_stride()) {
    const bool tiles_first = plan.order == WinogradOrder::kTilesFirst;
    input = tiles_first ? plan.points() * plan.input_stride() : 0;
    weights = tiles_first ? 0 : plan.points() * plan.weight_stride();
  }
  int64_t sum() const { return decoded + patch + input + weights + products; }
};

int64_t SharedFloats(const WinogradPlan& plan) {
  return plan.points() *
         (plan.order == WinogradOrder::kTilesFirst ? plan.weight_stride() : plan.input_stride());
}

class WinogradRun {
 public:
  WinogradRun(const Convolution& op, const WinogradPlan& plan, const ConvolutionTail& tail,
              const float* scale, const PackedTensor& weights, const Call& call, int workers)
      : op_(op),
        plan_(plan),
        tail_(tail),
        scale_(scale),
        kernels_(weights, weights.shape[1], kWinogradTaps),
        grid_(plan.outputs, op.output, op.window.dilation),
        input_(op, call.inputs),
        call_(call),
        shared_(call.workspace.Floats(SharedFloats(plan))) {
    const WorkerFloats floats(plan);
    for (int i = 0; i < workers; ++i) scratch_.push_back(TakeScratch(floats));
    for (int64_t i = 0; i < plan.input_blocks; ++i) {
      offsets_.push_back(i * plan.band_tiles * kChannelBlock);
    }
  }

  void Run(int64_t batch) {
    const bool tiles_first = plan_.order == WinogradOrder::kTilesFirst;
    if (tiles_first) TransformAllWeights();
    for (entry_ = 0; entry_ < batch; ++entry_) {
      output_ = OutputOf(tail_, op_, call_, entry_);
      tiles_first ? RunTilesFirst() : RunWeightsFirst();
    }
  }

 private:
  struct Scratch {
    float *decoded, *patch, *input, *weights, *products;
  };

  Scratch TakeScratch(const WorkerFloats& floats) {
    Workspace& workspace = call_.workspace;
    Scratch scratch;
    scratch.decoded = workspace.Floats(floats.decoded);
    scratch.patch = workspace.Floats(floats.patch);
    scratch.input = workspace.Floats(floats.input);
    scratch.weights = workspace.Floats(floats.weights);
    scratch.products = workspace.Floats(floats.products);
    return scratch;
  }

  int workers() const { return static_cast<int>(scratch_.size()); }

  // Kernels between input blocks [first, first + count) and an output block.
  void TransformKernels(int64_t output_block, int64_t first, int64_t count, float* to,
                        const Scratch& scratch) const {
    float* lanes = scratch.decoded + kDecodedBlocks * kChannelBlock * kChannelBlock * kWinogradTaps;
    for (int64_t done = 0; done < count; done += kDecodedBlocks) {
      const int64_t channels = std::min(kDecodedBlocks, count - done) * kChannelBlock;
      kernels_.Read(output_block, (first + done) * kChannelBlock, channels, scratch.decoded, lanes);
      TransformWeights(plan_.outputs, lanes, scale_ + output_block * kChannelBlock, channels,
                       to + done * kChannelBlock * kChannelBlock, plan_.weight_stride());
    }
  }

  void TransformAllWeights() const {
    const int64_t pieces = (plan_.input_blocks + kDecodedBlocks - 1) / kDecodedBlocks;
    ForWorkers(plan_.output_blocks * pieces, workers(), [&](int64_t item, int64_t worker) {
      const int64_t block = item / pieces, first = item % pieces * kDecodedBlocks;
      const int64_t index = (block * plan_.input_blocks + first) * kChannelBlock * kChannelBlock;
      TransformKernels(block, first, std::min(kDecodedBlocks, plan_.input_blocks - first),
                       shared_ + index, scratch_[worker]);
    });
  }

  // Tiles [begin, end) of one input block; `to` is where tile `begin` goes.
  void TransformTiles(int64_t block, int64_t begin, int64_t end, float* to, float* patch) const {
    const graph::Window& window = op_.window;
    const graph::Pair& step = window.dilation;
    grid_.ForRuns(begin, end, kPatchTiles, [&](const TileRun& run) {
      const PatchWindow wanted{run.y - window.pad_begin[0], run.x - window.pad_begin[1],
                               plan_.outputs + 2, run.count * plan_.outputs + 2, step};
      const PatchView view = input_.Fetch(entry_, block, wanted, patch);
      TransformInput(plan_.outputs, view, run.count, to + (run.first - begin) * kChannelBlock,
                     plan_.input_stride());
    });
  }

  // Products of tiles whose transformed input starts at `input`, for input blocks
  // [first, first + count) and output blocks [group, group + blocks).
  void Multiply(const float* input, int64_t tiles, const float* weights, int64_t first,
                int64_t count, int64_t blocks, float* products) const {
    for (int64_t p = 0; p < plan_.points(); ++p) {
      float* const out = products + p * plan_.product_stride();
      RunBlockProduct({.in = input + p * plan_.input_stride(),
                       .offsets = std::span(offsets_).subspan(first, count),
                       .rows = tiles,
                       .weights = weights + p * plan_.weight_stride(),
                       .weight_stride = plan_.chunk_blocks * kChannelBlock * kChannelBlock,
                       .output_blocks = blocks,
                       .out = out,
                       .out_stride = plan_.unit_tiles * kChannelBlock,
                       .start = first > 0 ? out : nullptr});
    }
  }

  void StoreTiles(int64_t group, int64_t blocks, int64_t begin, int64_t end,
                  const float* products) const {
    for (int64_t b = 0; b < blocks; ++b) {
      const float* sums = products + b * plan_.unit_tiles * kChannelBlock;
      grid_.ForRuns(begin, end, end - begin, [&](const TileRun& run) {
        TransformOutput(plan_.outputs, sums + (run.first - begin) * kChannelBlock,
                        plan_.product_stride(), {run.y, run.x, run.count, op_.window.dilation},
                        output_, group + b);
      });
    }
  }

  void RunTilesFirst() const {
    const int64_t blocks = (plan_.tiles + plan_.band_tiles - 1) / plan_.band_tiles;
    ForWorkers(blocks, workers(), [&](int64_t item, int64_t worker) {
      const int64_t begin = item * plan_.band_tiles;
      RunBand(begin, std::min(begin + plan_.band_tiles, plan_.tiles), scratch_[worker]);
    });
  }

  void RunBand(int64_t begin, int64_t end, const Scratch& scratch) const {
    for (int64_t i = 0; i < plan_.input_blocks; ++i) {
      TransformTiles(i, begin, end, scratch.input + offsets_[i], scratch.patch);
    }
    for (int64_t group = 0; group < plan_.output_blocks; group += plan_.output_group) {
      const int64_t blocks = std::min(plan_.output_group, plan_.output_blocks - group);
      const float* weights = shared_ + group * plan_.input_blocks * kChannelBlock * kChannelBlock;
      Multiply(scratch.input, end - begin, weights, 0, plan_.input_blocks, blocks,
               scratch.products);
      StoreTiles(group, blocks, begin, end, scratch.products);
    }
  }

  void RunWeightsFirst() const {
    for (int64_t begin = 0; begin < plan_.tiles; begin += plan_.band_tiles) {
      const int64_t end = std::min(begin + plan_.band_tiles, plan_.tiles);
      TransformBand(begin, end);
      MultiplyBand(begin, end);
    }
  }

  void TransformBand(int64_t begin, int64_t end) const {
    const int64_t parts = (end - begin + kPatchTiles - 1) / kPatchTiles;
    ForWorkers(parts * plan_.input_blocks, workers(), [&](int64_t item, int64_t worker) {
      const int64_t block = item % plan_.input_blocks;
      const int64_t first = begin + item / plan_.input_blocks * kPatchTiles;
      TransformTiles(block, first, std::min(first + kPatchTiles, end),
                     shared_ + offsets_[block] + (first - begin) * kChannelBlock,
                     scratch_[worker].patch);
    });
  }

  void MultiplyBand(int64_t begin, int64_t end) const {
    const int64_t groups = (plan_.output_blocks + plan_.output_group - 1) / plan_.output_group;
    const int64_t parts = (end - begin + plan_.unit_tiles - 1) / plan_.unit_tiles;
    ForWorkers(groups * parts, workers(), [&](int64_t item, int64_t worker) {
      const int64_t first = begin + item / groups * plan_.unit_tiles;
      RunGroup(item % groups * plan_.output_group, begin, first,
               std::min(first + plan_.unit_tiles, end), scratch_[worker]);
    });
  }

  // Output blocks from `group` on for tiles [begin, end) of the band that starts at `band`.
  void RunGroup(int64_t group, int64_t band, int64_t begin, int64_t end,
                const Scratch& scratch) const {
    const int64_t blocks = std::min(plan_.output_group, plan_.output_blocks - group);
    const float* input = shared_ + (begin - band) * kChannelBlock;
    const int64_t chunk_floats = plan_.chunk_blocks * kChannelBlock * kChannelBlock;
    for (int64_t first = 0; first < plan_.input_blocks; first += plan_.chunk_blocks) {
      const int64_t count = std::min(plan_.chunk_blocks, plan_.input_blocks - first);
      for (int64_t b = 0; b < blocks; ++b) {
        TransformKernels(group + b, first, count, scratch.weights + b * chunk_floats, scratch);
      }
      Multiply(input, end - begin, scratch.weights, first, count, blocks, scratch.products);
    }
    StoreTiles(group, blocks, begin, end, scratch.products);
  }

  const Convolution& op_;
  const WinogradPlan& plan_;
  const ConvolutionTail& tail_;
  const float* scale_;
  KernelLanes kernels_;
  TileGrid grid_;
  InputPatch input_;
  const Call& call_;
  float* shared_;  // Transformed weights (tiles first) or input (weights first).
  std::vector<Scratch> scratch_;
  std::vector<int64_t> offsets_;  // Of the input blocks in a point's transformed input.
  int64_t entry_ = 0;
  BlockedOutput output_;
};

}  // namespace

int64_t WinogradWorkspaceBytes(const WinogradPlan& plan, int workers) {
  // Every part is aligned by itself.
  constexpr int64_t kParts = 5;
  return AlignedSize(4 * SharedFloats(plan)) +
         workers * (4 * WorkerFloats(plan).sum() + kParts * AlignedSize(1));
}

void RunWinograd(const Convolution& op, const WinogradPlan& plan, const ConvolutionTail& tail,
                 const float* scale, const PackedTensor& weights, const Call& call, int workers) {
  WinogradRun(op, plan, tail, scale, weights, call, workers)
      .Run(ImageExtentsOf(call.outputs[0].shape).batch);
}

}  // namespace nbits

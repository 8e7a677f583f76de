#include "engine/kernels/pointwise_run.h"

#include <algorithm>
#include <vector>

#include "engine/kernels/block_product.h"
#include "engine/kernels/strassen.h"
#include "engine/kernels/tail_row.h"
#include "engine/kernels/workers.h"

namespace nbits {
namespace {

using graph::Convolution;

// What one worker needs for itself.
struct WorkerFloats {
  int64_t decoded, rows, sums;
  int64_t input_sums;  // Of Strassen's product.

  explicit WorkerFloats(const PointwisePlan& plan)
      : decoded(plan.strassen ? StrassenWeights::ScratchFloats() : BlockWeights::ScratchFloats()),
        rows(plan.input_blocks * plan.tile_pixels * kChannelBlock),
        sums((plan.strassen ? 4 : 2) * plan.tile_pixels * kChannelBlock),
        input_sums(plan.strassen ? rows * kStrassenInputs / 4 : 0) {}

  int64_t bytes() const {
    return AlignedSize(4 * decoded) + AlignedSize(4 * rows) + AlignedSize(4 * sums) +
           AlignedSize(4 * input_sums);
  }
};

// Floats of the decoded weights of a chunk.
int64_t ChunkFloats(const PointwisePlan& plan, const BlockWeights& weights) {
  const int64_t floats = plan.chunk_blocks * weights.block_floats();
  return plan.strassen ? floats * kStrassenWeights / 4 : floats;
}

class PointwiseRun {
 public:
  PointwiseRun(const Convolution& op, const PointwisePlan& plan, const ConvolutionTail& tail,
               const BlockWeights& weights, const PointwiseRows& rows, const Call& call,
               int workers)
      : op_(op),
        plan_(plan),
        weights_(weights),
        rows_(rows),
        tiles_((op.output[0] * op.output[1] + plan.tile_pixels - 1) / plan.tile_pixels),
        decoded_(call.workspace.Floats(ChunkFloats(plan, weights))) {
    const WorkerFloats floats(plan);
    for (int i = 0; i < workers; ++i) {
      scratch_.push_back({call.workspace.Floats(floats.decoded), call.workspace.Floats(floats.rows),
                          call.workspace.Floats(floats.sums),
                          call.workspace.Floats(floats.input_sums)});
    }
    for (int64_t block = 0; block < plan.input_blocks; ++block) {
      offsets_.push_back(block * plan.tile_pixels * kChannelBlock);
      in_place_offsets_.push_back(block * rows.plane_floats());
      if (block % 2 == 0) sum_offsets_.push_back(offsets_[block / 2] / 2);
    }
    const int64_t batch = ImageExtentsOf(call.outputs[0].shape).batch;
    for (int64_t entry = 0; entry < batch; ++entry) {
      outputs_.push_back(OutputOf(tail, op, call, entry));
    }
  }

  void Run() {
    for (int64_t first = 0; first < plan_.output_blocks; first += plan_.chunk_blocks) {
      const int64_t count = std::min(plan_.chunk_blocks, plan_.output_blocks - first);
      DecodeChunk(first, count);
      RunChunk(first, count);
    }
  }

 private:
  struct Scratch {
    float *decoded, *rows, *sums, *input_sums;
  };
  // Blocks of 16 input channels of a tile.
  struct TileInput {
    const float* data;
    std::span<const int64_t> offsets;
  };
  int workers() const { return static_cast<int>(scratch_.size()); }

  void DecodeChunk(int64_t first, int64_t count) const {
    if (plan_.strassen) return DecodeStrassen(first, count);
    const int64_t pieces = weights_.pieces();
    ForWorkers(count * pieces, workers(), [&](int64_t item, int64_t worker) {
      const int64_t block = item / pieces;
      weights_.Decode(first + block, item % pieces, decoded_ + block * weights_.block_floats(),
                      scratch_[worker].decoded);
    });
  }

  void DecodeStrassen(int64_t first, int64_t count) const {
    const StrassenWeights weights(weights_, count);
    const int64_t pieces = weights.pieces();
    ForWorkers(count / 2 * pieces, workers(), [&](int64_t item, int64_t worker) {
      weights.Decode(first, item / pieces, item % pieces, decoded_, scratch_[worker].decoded);
    });
  }

  void RunChunk(int64_t first, int64_t count) const {
    const int64_t tiles = tiles_ * static_cast<int64_t>(outputs_.size());
    if (plan_.strassen) {
      return ForWorkers(tiles, workers(), [&](int64_t item, int64_t worker) {
        RunStrassenTile(TileAt(item), first, count, scratch_[worker]);
      });
    }
    // Few tiles are fetched anew for every pair of output blocks, so that no thread idles.
    const int64_t part = tiles < workers() ? 2 : count;
    const int64_t parts = (count + part - 1) / part;
    ForWorkers(tiles * parts, workers(), [&](int64_t item, int64_t worker) {
      const int64_t tile = item / parts, begin = item % parts * part;
      RunTile(TileAt(tile), first, begin, std::min(begin + part, count), scratch_[worker]);
    });
  }

  PixelTile TileAt(int64_t index) const {
    const int64_t first = index % tiles_ * plan_.tile_pixels;
    return {index / tiles_, first,
            std::min(plan_.tile_pixels, op_.output[0] * op_.output[1] - first)};
  }

  TileInput InputOf(const PixelTile& tile, float* scratch) const {
    if (rows_.IsInPlace(tile, PaddedRows(tile.count))) {
      return {rows_.InPlace(tile), in_place_offsets_};
    }
    rows_.Fetch(tile, plan_.tile_pixels, scratch);
    return {scratch, offsets_};
  }

  // Blocks [begin, end) of the chunk that starts with output block `first`.
  void RunTile(const PixelTile& tile, int64_t first, int64_t begin, int64_t end,
               const Scratch& scratch) const {
    const TileInput input = InputOf(tile, scratch.rows);
    const int64_t sum_stride = plan_.tile_pixels * kChannelBlock;
    for (int64_t block = begin; block < end; block += 2) {
      const int64_t count = std::min<int64_t>(2, end - block);
      RunBlockProduct({.in = input.data,
                       .offsets = input.offsets,
                       .rows = tile.count,
                       .weights = decoded_ + block * weights_.block_floats(),
                       .weight_stride = weights_.block_floats(),
                       .output_blocks = count,
                       .out = scratch.sums,
                       .out_stride = sum_stride});
      for (int64_t b = 0; b < count; ++b) {
        StoreTailRow(scratch.sums + b * sum_stride, tile.count, outputs_[tile.entry],
                     first + block + b, 0, tile.first);
      }
    }
  }

  StrassenInput StrassenInputOf(const PixelTile& tile, const Scratch& scratch) const {
    const int64_t half = PaddedRows((tile.count + 1) / 2);
    StrassenInput input;
    input.half_rows = half;
    input.sums = scratch.input_sums;
    input.pitch = plan_.tile_pixels / 2 * kChannelBlock;
    if (rows_.IsInPlace(tile, 2 * half)) {
      input.in = rows_.InPlace(tile);
      input.offsets = in_place_offsets_;
      return input;
    }
    rows_.Fetch(tile, plan_.tile_pixels, scratch.rows);
    for (const int64_t offset : offsets_) {
      std::fill(scratch.rows + offset + tile.count * kChannelBlock,
                scratch.rows + offset + 2 * half * kChannelBlock, 0.0f);
    }
    input.in = scratch.rows;
    input.offsets = offsets_;
    return input;
  }

  // All `count` blocks of the chunk that starts with output block `first`.
  void RunStrassenTile(const PixelTile& tile, int64_t first, int64_t count,
                       const Scratch& scratch) const {
    const StrassenInput input = StrassenInputOf(tile, scratch);
    StrassenSums(input);
    const StrassenWeights weights(weights_, count);
    for (int64_t block = 0; block < count / 2; block += 2) {
      const int64_t pairs = std::min<int64_t>(2, count / 2 - block);
      RunStrassen({.input = &input,
                   .sum_offsets = sum_offsets_,
                   .weights = decoded_ + block * weights.block_floats(),
                   .matrix_stride = weights.matrix_floats(),
                   .weight_stride = weights.block_floats(),
                   .pairs = pairs,
                   .out = scratch.sums});
      StoreStrassen(tile, input.half_rows, first + block, pairs, count / 2, scratch.sums);
    }
  }

  // sums[right half of the blocks][lower half of the pixels][pair][pixel][16]
  void StoreStrassen(const PixelTile& tile, int64_t half_rows, int64_t first, int64_t pairs,
                     int64_t half_blocks, const float* sums) const {
    const BlockedOutput& output = outputs_[tile.entry];
    for (int64_t i = 0; i < 4 * pairs; ++i, sums += half_rows * kChannelBlock) {
      const int64_t block = first + i / (2 * pairs) * half_blocks + i % pairs;
      const int64_t begin = i / pairs % 2 * half_rows;
      const int64_t count = std::min(half_rows, tile.count - begin);
      if (count > 0) StoreTailRow(sums, count, output, block, 0, tile.first + begin);
    }
  }

  const Convolution& op_;
  const PointwisePlan& plan_;
  const BlockWeights& weights_;
  const PointwiseRows& rows_;
  int64_t tiles_;   // Of a batch entry.
  float* decoded_;  // Weights of a chunk.
  std::vector<Scratch> scratch_;
  std::vector<int64_t> offsets_, in_place_offsets_;  // Of the input blocks.
  std::vector<int64_t> sum_offsets_;                 // Of half as many, in Strassen's sums.
  std::vector<BlockedOutput> outputs_;               // By batch entry.
};

}  // namespace

void RunPointwise(const Convolution& op, const PointwisePlan& plan, const ConvolutionTail& tail,
                  const BlockWeights& weights, const PointwiseRows& rows, const Call& call,
                  int workers) {
  PointwiseRun(op, plan, tail, weights, rows, call, workers).Run();
}

int64_t PointwiseWorkspaceBytes(const PointwisePlan& plan, const BlockWeights& weights,
                                int workers) {
  return AlignedSize(4 * ChunkFloats(plan, weights)) + workers * WorkerFloats(plan).bytes();
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pointwise/pointwise_run.h"

#include <algorithm>
#include <vector>

#include "base/threads/core_distance.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/convolution/tail_row.h"
#include "engine/kernels/pointwise/strassen.h"

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
        owns_weights_(plan.may_own_weights && CoresAreFar(workers)) {
    const WorkerFloats floats(plan);
    float* decoded = nullptr;
    for (int i = 0; i < workers; ++i) {
      if (i == 0 || owns_weights_) decoded = call.workspace.Floats(ChunkFloats(plan, weights));
      scratch_.push_back({decoded, call.workspace.Floats(floats.decoded),
                          call.workspace.Floats(floats.rows), call.workspace.Floats(floats.sums),
                          call.workspace.Floats(floats.input_sums)});
    }
    for (int64_t block = 0; block < plan.input_blocks; ++block) {
      offsets_.push_back(block * plan.tile_pixels * kChannelBlock);
      in_place_offsets_.push_back(block * rows.plane_floats());
      if (block % 2 == 0) sum_offsets_.push_back(offsets_[block / 2] / 2);
    }
    for (int64_t first = 0; first < plan.output_blocks; first += plan.chunk_blocks) {
      chunks_.push_back({first, std::min(plan.chunk_blocks, plan.output_blocks - first)});
    }
    const int64_t batch = ImageExtentsOf(call.outputs[0].shape).batch;
    for (int64_t entry = 0; entry < batch; ++entry) {
      outputs_.push_back(OutputOf(tail, op, call, entry));
    }
  }

  void Run() {
    if (owns_weights_) return RunWithOwnWeights();
    for (const Chunk& chunk : chunks_) {
      ForWorkers(Pieces(chunk), workers(),
                 [&](int64_t item, int64_t worker) { DecodePiece(chunk, item, scratch_[worker]); });
      RunChunk(chunk);
    }
  }

 private:
  struct Scratch {
    float* weights;  // Of a chunk, decoded.
    float *decoded, *rows, *sums, *input_sums;
  };
  // Output blocks [first, first + count).
  struct Chunk {
    int64_t first, count;
  };
  // Blocks of 16 input channels of a tile.
  struct TileInput {
    const float* data;
    std::span<const int64_t> offsets;
  };
  int workers() const { return static_cast<int>(scratch_.size()); }

  // Between cores that share no cache, decoding weights twice takes less time than reading what the
  // other has decoded; between others it takes more. No worker waits for another before the end.
  void RunWithOwnWeights() const {
    std::vector<WorkerItems> tiles;
    for (size_t i = 0; i < chunks_.size(); ++i) tiles.emplace_back(AllTiles(), workers());
    OnTeam(workers(), [&](int worker) {
      const Scratch& scratch = scratch_[worker];
      for (size_t i = 0; i < chunks_.size(); ++i) {
        for (int64_t item = 0; item < Pieces(chunks_[i]); ++item) {
          DecodePiece(chunks_[i], item, scratch);
        }
        tiles[i].Run(worker, [&](int64_t tile, int) {
          RunTile(TileAt(tile), chunks_[i], 0, chunks_[i].count, scratch);
        });
      }
    });
  }

  int64_t AllTiles() const { return plan_.tiles * static_cast<int64_t>(outputs_.size()); }

  // Pieces into which the weights of a chunk are cut.
  int64_t Pieces(const Chunk& chunk) const {
    return plan_.strassen ? chunk.count / 2 * StrassenWeights(weights_, chunk.count).pieces()
                          : chunk.count * weights_.pieces();
  }

  void DecodePiece(const Chunk& chunk, int64_t item, const Scratch& scratch) const {
    if (plan_.strassen) {
      const StrassenWeights weights(weights_, chunk.count);
      const int64_t pieces = weights.pieces();
      return weights.Decode(chunk.first, item / pieces, item % pieces, scratch.weights,
                            scratch.decoded);
    }
    const int64_t block = item / weights_.pieces();
    weights_.Decode(chunk.first + block, item % weights_.pieces(),
                    scratch.weights + block * weights_.block_floats(), scratch.decoded);
  }

  void RunChunk(const Chunk& chunk) const {
    // Few tiles are fetched anew for every pair of output blocks, so that no thread idles.
    const int64_t part = !plan_.strassen && AllTiles() < workers() ? 2 : chunk.count;
    const int64_t parts = (chunk.count + part - 1) / part;
    ForWorkers(AllTiles() * parts, workers(), [&](int64_t item, int64_t worker) {
      const int64_t begin = item % parts * part;
      RunTile(TileAt(item / parts), chunk, begin, std::min(begin + part, chunk.count),
              scratch_[worker]);
    });
  }

  // Blocks [begin, end) of the chunk: all of them in Strassen's form.
  void RunTile(const PixelTile& tile, const Chunk& chunk, int64_t begin, int64_t end,
               const Scratch& scratch) const {
    if (plan_.strassen) return RunStrassenTile(tile, chunk.first, chunk.count, scratch);
    RunPlainTile(tile, chunk.first, begin, end, scratch);
  }

  PixelTile TileAt(int64_t index) const {
    const int64_t pixels = op_.output[0] * op_.output[1], tile = index % plan_.tiles;
    const int64_t first = plan_.TileBegin(tile, pixels);
    return {index / plan_.tiles, first, plan_.TileBegin(tile + 1, pixels) - first};
  }

  TileInput InputOf(const PixelTile& tile, float* scratch) const {
    if (rows_.IsInPlace(tile, PaddedRows(tile.count))) {
      return {rows_.InPlace(tile), in_place_offsets_};
    }
    rows_.Fetch(tile, plan_.tile_pixels, scratch);
    return {scratch, offsets_};
  }

  // Blocks [begin, end) of the chunk that starts with output block `first`.
  void RunPlainTile(const PixelTile& tile, int64_t first, int64_t begin, int64_t end,
                    const Scratch& scratch) const {
    const TileInput input = InputOf(tile, scratch.rows);
    const int64_t sum_stride = plan_.tile_pixels * kChannelBlock;
    for (int64_t block = begin; block < end; block += 2) {
      const int64_t count = std::min<int64_t>(2, end - block);
      RunBlockProduct({.in = input.data,
                       .offsets = input.offsets,
                       .rows = tile.count,
                       .weights = scratch.weights + block * weights_.block_floats(),
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
    std::vector<CacheLines> next;
    for (int64_t block = 0; block < count / 2; block += 2) {
      const int64_t pairs = std::min<int64_t>(2, count / 2 - block);
      next.clear();
      AddLines(tile, first + block, pairs, next);
      AddLines(tile, first + block + count / 2, pairs, next);
      RunStrassen({.input = &input,
                   .sum_offsets = sum_offsets_,
                   .weights = scratch.weights + block * weights.block_floats(),
                   .matrix_stride = weights.matrix_floats(),
                   .weight_stride = weights.block_floats(),
                   .pairs = pairs,
                   .out = scratch.sums,
                   .next = next});
      StoreStrassen(tile, input.half_rows, first + block, pairs, count / 2, scratch.sums);
    }
  }

  // What storing a tile of output blocks [begin, begin + count) reads and writes.
  void AddLines(const PixelTile& tile, int64_t begin, int64_t count,
                std::vector<CacheLines>& lines) const {
    const BlockedOutput& output = outputs_[tile.entry];
    for (int64_t block = begin; block < begin + count; ++block) {
      const int64_t index = output.IndexOf(block, 0, tile.first);
      const auto add = [&](const void* data, Element element) {
        const int64_t bytes = ElementBytes(element);
        lines.push_back({static_cast<const std::byte*>(data) + index * bytes,
                         tile.count * kChannelBlock * bytes / kCacheLineBytes});
      };
      if (!output.stream) add(output.data, output.element);
      if (output.add != nullptr && output.add != output.data) add(output.add, output.add_element);
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
  bool owns_weights_;  // Whether every worker decodes the weights for itself.
  std::vector<Chunk> chunks_;
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
  const int64_t copies = plan.may_own_weights ? workers : 1;
  return copies * AlignedSize(4 * ChunkFloats(plan, weights)) +
         workers * WorkerFloats(plan).bytes();
}

}  // namespace nbits

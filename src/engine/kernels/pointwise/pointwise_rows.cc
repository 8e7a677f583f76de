// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pointwise/pointwise_rows.h"

#include <algorithm>

namespace nbits {
namespace {

int64_t InputBlocks(const graph::Convolution& op, const Call& call) {
  int64_t blocks = 0;
  for (size_t i = 0; i < std::max<size_t>(1, op.sources.size()); ++i) {
    blocks += ImageExtentsOf(call.inputs[i].shape).blocks();
  }
  return blocks;
}

}  // namespace

PointwiseRows::PointwiseRows(const graph::Convolution& op, const Call& call,
                             const Depthwise* depthwise, const float* weights)
    : op_(op),
      call_(call),
      depthwise_(depthwise),
      weights_(weights),
      patch_(op, call.inputs),
      input_(ImageExtentsOf(call.inputs[0].shape)),
      input_blocks_(InputBlocks(op, call)),
      is_direct_(depthwise == nullptr && op.sources.empty() && op.window.is_pixelwise() &&
                 call.inputs[0].format == kBlockedFormat) {}

bool PointwiseRows::IsInPlace(const PixelTile& tile, int64_t rows) const {
  return is_direct_ && tile.first + rows <= input_.pixels();
}

const float* PointwiseRows::InPlace(const PixelTile& tile) const {
  return call_.inputs[0].data + tile.entry * input_.blocked_elements() + tile.first * kChannelBlock;
}

void PointwiseRows::Fetch(const PixelTile& tile, int64_t pitch, float* to) const {
  const int64_t width = op_.output[1];
  // Block by block: the rows that a depthwise convolution reads again stay in the first-level
  // cache.
  for (int64_t block = 0; block < input_blocks_; ++block) {
    for (int64_t done = 0; done < tile.count;) {
      const int64_t y = (tile.first + done) / width, x = (tile.first + done) % width;
      const int64_t count = std::min(width - x, tile.count - done);
      // The rows of the next block lie elsewhere, which the processor does not foresee.
      if (depthwise_ != nullptr && block + 1 < input_blocks_) {
        depthwise_->PrefetchRow(call_.inputs[0], tile.entry, block + 1, y, x, count, done == 0);
      }
      FetchRun({tile.entry, block, y, x, count}, block * pitch + done, to);
      done += count;
    }
  }
}

void PointwiseRows::FetchRun(const Run& run, int64_t at, float* to) const {
  if (depthwise_ != nullptr) {
    depthwise_->RunRow(call_.inputs[0], run.entry, weights_, run.block, run.y, run.x, run.count,
                       {.tail = &depthwise_->tail(), .data = to}, at * kChannelBlock);
    return;
  }
  const graph::Window& w = op_.window;
  const PatchWindow window{run.y * w.stride[0] - w.pad_begin[0],
                           run.x * w.stride[1] - w.pad_begin[1], 1, run.count, w.stride};
  patch_.Copy(run.entry, run.block, window, to + at * kChannelBlock);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// The tiles of Winograd's convolution on an output image. A dilated convolution is one of step 1 on
// each of the sub-images ("phases") whose pixels stand `dilation` apart.
#ifndef NBITS_ENGINE_KERNELS_WINOGRAD_TILE_GRID_H_
#define NBITS_ENGINE_KERNELS_WINOGRAD_TILE_GRID_H_

#include <algorithm>
#include <cstdint>

#include "graph/ops.h"

namespace nbits {

// Neighbours in one row of tiles.
struct TileRun {
  int64_t first = 0, count = 0;  // Tile indices.
  int64_t y = 0, x = 0;          // First output pixel.
};

class TileGrid {
 public:
  // Tiles of `outputs` x `outputs` pixels over `image` (height, width).
  TileGrid(int64_t outputs, const graph::Pair& image, const graph::Pair& dilation)
      : outputs_(outputs), dilation_(dilation) {
    for (int axis = 0; axis < 2; ++axis) {
      const int64_t pixels = (image[axis] + dilation[axis] - 1) / dilation[axis];
      tiles_[axis] = (pixels + outputs - 1) / outputs;
    }
  }

  int64_t count() const { return dilation_[0] * dilation_[1] * tiles_[0] * tiles_[1]; }
  // Pixels from one tile of a run to the next.
  int64_t pitch() const { return outputs_ * dilation_[1]; }

  // The run that starts with a tile and ends before tile `end` or after `most` tiles. The first and
  // the last tile of a row, which may reach over the image's edge, are runs of their own.
  TileRun RunAt(int64_t first, int64_t end, int64_t most) const {
    const int64_t x = first % tiles_[1], row = first / tiles_[1];
    const int64_t y = row % tiles_[0], phase = row / tiles_[0];
    const int64_t inner = x == 0 ? 1 : std::max<int64_t>(1, tiles_[1] - 1 - x);
    return {first, std::min({inner, end - first, most}),
            phase / dilation_[1] + y * outputs_ * dilation_[0], phase % dilation_[1] + x * pitch()};
  }

  // Calls body(run) for runs of at most `most` tiles that make up [begin, end).
  template <typename Body>
  void ForRuns(int64_t begin, int64_t end, int64_t most, const Body& body) const {
    while (begin < end) {
      const TileRun run = RunAt(begin, end, most);
      body(run);
      begin += run.count;
    }
  }

 private:
  int64_t outputs_;
  graph::Pair dilation_;
  graph::Pair tiles_ = {1, 1};
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_WINOGRAD_TILE_GRID_H_

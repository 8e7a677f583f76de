// SPDX-License-Identifier: Apache-2.0
// The input of a pointwise convolution, laid out for the block product.
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_ROWS_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_ROWS_H_

#include <cstdint>
#include <optional>

#include "engine/kernels/convolution/input_patch.h"
#include "engine/kernels/depthwise/depthwise.h"
#include "graph/ops.h"

namespace nbits {

// Output pixels [first, first + count) of a batch entry, row by row.
struct PixelTile {
  int64_t entry = 0, first = 0, count = 0;
};

class PointwiseRows {
 public:
  // `depthwise` may be null; else `weights` are its decoded ones.
  PointwiseRows(const graph::Convolution& op, const Call& call, const Depthwise* depthwise,
                const float* weights);

  // Whether the first input's own memory serves for this tile, of `rows` >= count rows: InPlace()
  // then tells where it starts, plane_floats() how far its blocks are apart.
  bool IsInPlace(const PixelTile& tile, int64_t rows) const;
  const float* InPlace(const PixelTile& tile) const;
  int64_t plane_floats() const { return input_.pixels() * kChannelBlock; }

  // The tile as to[input block][pixel][16], blocks standing `pitch` pixels apart.
  void Fetch(const PixelTile& tile, int64_t pitch, float* to) const;

 private:
  // Neighbours of one output row in one block of input channels.
  struct Run {
    int64_t entry, block, y, x, count;
  };
  // The first goes to pixel `at`.
  void FetchRun(const Run& run, int64_t at, float* to) const;

  const graph::Convolution& op_;
  const Call& call_;
  const Depthwise* depthwise_;
  const float* weights_;
  InputPatch patch_;
  ImageExtents input_;  // Of the first input.
  int64_t input_blocks_;
  bool is_direct_;  // Output pixels are pixels of the first input, in Float32.
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_ROWS_H_

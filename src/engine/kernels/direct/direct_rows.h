// SPDX-License-Identifier: Apache-2.0
// Rows of a direct convolution's input, laid out for the block product.
#ifndef NBITS_ENGINE_KERNELS_DIRECT_DIRECT_ROWS_H_
#define NBITS_ENGINE_KERNELS_DIRECT_DIRECT_ROWS_H_

#include <cstdint>
#include <vector>

#include "engine/kernels/convolution/input_patch.h"
#include "graph/ops.h"

namespace nbits {

// A run of output pixels (y, x), (y, x + 1), ...
struct PixelRun {
  int64_t entry = 0, y = 0, x = 0, count = 0;
};

// Where BlockProduct finds the products of a run of pixels: one offset a block of 16 products of
// each pixel, in the order of the weights.
struct RowLayout {
  std::vector<int64_t> offsets;
  bool double_rows = false;
  int64_t floats = 0;  // That a run of the longest count takes.
};

// Of a blocked input: offsets in the order [input block][kernel row][kernel column].
class BlockedRows {
 public:
  BlockedRows(const graph::Window& window, int64_t input_blocks, int64_t longest_run);

  const RowLayout& layout() const { return layout_; }
  void Fetch(const InputPatch& input, const PixelRun& run, float* to) const;

 private:
  // Strides that the product does not know: every kernel column gets pixels of its own.
  bool has_split_columns() const { return window_.stride[1] > 2; }
  PatchWindow WindowOf(const PixelRun& run, int64_t row, int64_t column) const;

  graph::Window window_;
  int64_t input_blocks_;
  int64_t columns_ = 1;  // Pixels between the rows of a patch.
  RowLayout layout_;
};

// Of a planar input [batch, channels, height, width]: the products of a pixel are (channel, kernel
// row, kernel column) in this order, padded to whole blocks.
class PlanarRows {
 public:
  PlanarRows(const graph::Window& window, const ImageExtents& extents, int64_t longest_run);

  const RowLayout& layout() const { return layout_; }
  void Fetch(const float* input, const PixelRun& run, float* to) const;

 private:
  graph::Window window_;
  ImageExtents extents_;
  int64_t longest_run_;
  RowLayout layout_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DIRECT_DIRECT_ROWS_H_

// SPDX-License-Identifier: Apache-2.0
// Rows of a convolution's blocked input in 8 bits, laid out for the product of bytes.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_ROWS_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_ROWS_H_

#include <cstdint>
#include <vector>

#include "engine/kernels/direct/direct_rows.h"
#include "engine/kernels/int8/int8_quantize.h"

namespace nbits {

// Memory of one worker.
struct Int8RowScratch {
  float* floats;                 // For pixels that the input does not hold as they are wanted.
  uint8_t* bytes;                // The rows.
  std::vector<PatchView> lines;  // Of the input.
};

class Int8Rows {
 public:
  Int8Rows(const graph::Window& window, int64_t input_blocks, int64_t longest_run);

  // Bytes from the rows' start, in the order [input block][kernel row][kernel column].
  const std::vector<int64_t>& offsets() const { return offsets_; }
  int64_t floats() const { return lines_ * columns_ * kChannelBlock; }
  int64_t bytes() const { return lines_ * columns_ * kChannelBlock; }

  // Quantizes the input of a run of pixels to scratch.bytes, by one grid over the values that it
  // has, and returns the grid.
  Int8Grid Fetch(const InputPatch& input, const PixelRun& run, Int8RowScratch& scratch) const;

  // The same of `count` pixels that stand in scratch.floats already, columns() of them a line.
  Int8Grid Quantize(int64_t count, Int8RowScratch& scratch) const;
  int64_t columns() const { return columns_; }

 private:
  // The product knows rows of neighbours only: with a stride, every kernel column gets pixels of
  // its own.
  bool has_split_columns() const { return window_.stride[1] > 1; }
  int64_t pieces() const { return has_split_columns() ? window_.kernel[1] : 1; }
  Int8Grid QuantizeLines(int64_t columns, const Int8RowScratch& scratch) const;
  PatchWindow WindowOf(const PixelRun& run, int64_t line) const;

  graph::Window window_;
  int64_t columns_ = 1;  // Pixels of a line.
  int64_t lines_ = 1;    // [input block][kernel row][piece]
  std::vector<int64_t> offsets_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_ROWS_H_

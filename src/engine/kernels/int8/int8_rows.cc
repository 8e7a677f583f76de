// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_rows.h"

#include "engine/kernels/convolution/block_product.h"

namespace nbits {

Int8Rows::Int8Rows(const graph::Window& window, int64_t input_blocks, int64_t longest_run)
    : window_(window) {
  const int64_t run = PaddedRows(longest_run);
  const int64_t kernel_columns = window.kernel[1];
  columns_ = has_split_columns() ? run : run + (kernel_columns - 1) * window.dilation[1];
  lines_ = input_blocks * window.kernel[0] * pieces();
  for (int64_t line = 0; line < lines_; ++line) {
    for (int64_t column = 0; column < kernel_columns / pieces(); ++column) {
      offsets_.push_back((line * columns_ + column * window.dilation[1]) * kChannelBlock);
    }
  }
}

PatchWindow Int8Rows::WindowOf(const PixelRun& run, int64_t line) const {
  const int64_t row = line / pieces() % window_.kernel[0], column = line % pieces();
  PatchWindow window;
  window.top = run.y * window_.stride[0] - window_.pad_begin[0] + row * window_.dilation[0];
  window.left = run.x * window_.stride[1] - window_.pad_begin[1] + column * window_.dilation[1];
  const int64_t reach = (window_.kernel[1] - 1) * window_.dilation[1];
  window.columns = has_split_columns() ? run.count : run.count + reach;
  window.step[1] = window_.stride[1];
  return window;
}

Int8Grid Int8Rows::QuantizeLines(int64_t columns, const Int8RowScratch& scratch) const {
  Int8Range range;
  for (const PatchView& line : scratch.lines) {
    ExtendRange({line.data, line.pixel_stride, columns}, range);
  }
  const Int8Grid grid = GridOf(range);
  uint8_t* to = scratch.bytes;
  for (const PatchView& line : scratch.lines) {
    QuantizePixels({line.data, line.pixel_stride, columns}, grid, to);
    to += columns_ * kChannelBlock;
  }
  return grid;
}

Int8Grid Int8Rows::Fetch(const InputPatch& input, const PixelRun& run,
                         Int8RowScratch& scratch) const {
  const int64_t lines_of_block = window_.kernel[0] * pieces();
  scratch.lines.clear();
  for (int64_t line = 0; line < lines_; ++line) {
    scratch.lines.push_back(input.Fetch(run.entry, line / lines_of_block, WindowOf(run, line),
                                        scratch.floats + line * columns_ * kChannelBlock));
  }
  return QuantizeLines(WindowOf(run, 0).columns, scratch);
}

Int8Grid Int8Rows::Quantize(int64_t count, Int8RowScratch& scratch) const {
  scratch.lines.clear();
  for (int64_t line = 0; line < lines_; ++line) {
    scratch.lines.push_back({scratch.floats + line * columns_ * kChannelBlock});
  }
  return QuantizeLines(count, scratch);
}

}  // namespace nbits

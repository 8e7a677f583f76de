// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/direct/direct_rows.h"

#include <algorithm>

#include "engine/kernels/convolution/block_product.h"

namespace nbits {

BlockedRows::BlockedRows(const graph::Window& window, int64_t input_blocks, int64_t longest_run)
    : window_(window), input_blocks_(input_blocks) {
  const int64_t run = PaddedRows(longest_run);
  const int64_t kernel_rows = window.kernel[0], kernel_columns = window.kernel[1];
  const int64_t reach = (kernel_columns - 1) * window.dilation[1];
  columns_ = has_split_columns() ? run * kernel_columns : run * window.stride[1] + reach;
  for (int64_t row = 0; row < input_blocks * kernel_rows; ++row) {
    for (int64_t column = 0; column < kernel_columns; ++column) {
      const int64_t pixel = has_split_columns() ? column * run : column * window.dilation[1];
      layout_.offsets.push_back((row * columns_ + pixel) * kChannelBlock);
    }
  }
  layout_.double_rows = window.stride[1] == 2;
  layout_.floats = input_blocks * kernel_rows * columns_ * kChannelBlock;
}

PatchWindow BlockedRows::WindowOf(const PixelRun& run, int64_t row, int64_t column) const {
  PatchWindow window;
  window.top = run.y * window_.stride[0] - window_.pad_begin[0] + row * window_.dilation[0];
  window.left = run.x * window_.stride[1] - window_.pad_begin[1] + column * window_.dilation[1];
  window.columns = has_split_columns() ? run.count
                                       : (run.count - 1) * window_.stride[1] + 1 +
                                             (window_.kernel[1] - 1) * window_.dilation[1];
  if (has_split_columns()) window.step[1] = window_.stride[1];
  return window;
}

void BlockedRows::Fetch(const InputPatch& input, const PixelRun& run, float* to) const {
  const int64_t pieces = has_split_columns() ? window_.kernel[1] : 1;
  for (int64_t block = 0; block < input_blocks_; ++block) {
    for (int64_t row = 0; row < window_.kernel[0]; ++row) {
      float* line = to + (block * window_.kernel[0] + row) * columns_ * kChannelBlock;
      for (int64_t piece = 0; piece < pieces; ++piece) {
        const int64_t pixel = columns_ / pieces * piece;
        input.Copy(run.entry, block, WindowOf(run, row, piece), line + pixel * kChannelBlock);
      }
    }
  }
}

PlanarRows::PlanarRows(const graph::Window& window, const ImageExtents& extents,
                       int64_t longest_run)
    : window_(window), extents_(extents), longest_run_(PaddedRows(longest_run)) {
  const int64_t products = extents.channels * window.kernel[0] * window.kernel[1];
  for (int64_t block = 0; block < ChannelBlocks(products); ++block) {
    layout_.offsets.push_back(block * longest_run_ * kChannelBlock);
  }
  layout_.floats = ChannelBlocks(products) * longest_run_ * kChannelBlock;
}

void PlanarRows::Fetch(const float* input, const PixelRun& run, float* to) const {
  std::fill_n(to, layout_.floats, 0.0f);
  const auto& [kernel, stride, dilation, pad, _] = window_;
  for (int64_t product = 0; product < extents_.channels * kernel[0] * kernel[1]; ++product) {
    const int64_t channel = product / (kernel[0] * kernel[1]);
    const int64_t y = run.y * stride[0] - pad[0] + product / kernel[1] % kernel[0] * dilation[0];
    if (y < 0 || y >= extents_.height) continue;
    const int64_t left = run.x * stride[1] - pad[1] + product % kernel[1] * dilation[1];
    const float* row =
        input + ((run.entry * extents_.channels + channel) * extents_.height + y) * extents_.width;
    float* lane =
        to + product / kChannelBlock * longest_run_ * kChannelBlock + product % kChannelBlock;
    for (int64_t i = 0; i < run.count; ++i) {
      const int64_t x = left + i * stride[1];
      if (x >= 0 && x < extents_.width) lane[i * kChannelBlock] = row[x];
    }
  }
}

}  // namespace nbits

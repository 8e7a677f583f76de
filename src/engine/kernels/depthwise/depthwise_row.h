// SPDX-License-Identifier: Apache-2.0
// One row of a depthwise convolution on a blocked tensor.
#ifndef NBITS_ENGINE_KERNELS_DEPTHWISE_DEPTHWISE_ROW_H_
#define NBITS_ENGINE_KERNELS_DEPTHWISE_DEPTHWISE_ROW_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/convolution/convolution_tail.h"
#include "graph/ops.h"

namespace nbits {

// 16 channels of an image, and their weights.
struct DepthwisePlane {
  const void* data = nullptr;  // [height][width][16]
  Element element = Element::kFloat32;
  int64_t height = 0, width = 0;
  const float* weights = nullptr;  // [kernel row][kernel column][16]
};

// Kernel positions along an axis that lie inside the image: first, and one past the last.
struct KernelReach {
  int64_t begin, end;
  bool operator==(const KernelReach&) const = default;
};
KernelReach KernelReachOf(const graph::Window& window, int axis, int64_t output, int64_t extent);

// Neighbouring output columns that see the same columns of the kernel: from the span before to
// `end`.
struct DepthwiseSpan {
  int64_t end;
  KernelReach columns;
};
// All columns of an output, from left to right.
std::vector<DepthwiseSpan> DepthwiseSpans(const graph::Window& window, int64_t input_width,
                                          int64_t output_width);

// Output pixels (y, x) .. (y, x + count - 1) of channel block `block`. The first is stored at
// element `index` of the output, the others behind it. Pixels outside the image are zero. Float32
// fused multiply-adds, kernel row by kernel row: the error is that of a running sum.
void RunDepthwiseRow(const graph::Window& window, const DepthwisePlane& plane,
                     std::span<const DepthwiseSpan> spans, int64_t y, int64_t x, int64_t count,
                     const BlockedOutput& output, int64_t block, int64_t index);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DEPTHWISE_DEPTHWISE_ROW_H_

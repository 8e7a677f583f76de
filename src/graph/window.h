// SPDX-License-Identifier: Apache-2.0
// Output extents and paddings of windows that slide over height and width.
#ifndef NBITS_GRAPH_WINDOW_H_
#define NBITS_GRAPH_WINDOW_H_

#include "absl/status/statusor.h"
#include "graph/ops.h"

namespace nbits::graph {

// Largest kernel, stride, dilation or padding taken from a file: keeps every sum within 64 bits.
inline constexpr int64_t kMaxWindowAttribute = int64_t{1} << 30;

// InvalidArgument unless kernel, stride and dilation are 1..kMaxWindowAttribute, paddings
// 0..kMaxWindowAttribute, and the dilated kernel is at most kMaxWindowAttribute long.
absl::Status CheckWindow(const Window& window);

// Extent of the kernel along `axis`, gaps of the dilation included.
int64_t DilatedKernel(const Window& window, int axis);

// Pads so that output = ceil(input / stride). The odd element goes to the end, or with
// `top_left_heavy` to the start.
void PadToSame(Window& window, const Pair& input, bool top_left_heavy);

// floor((input + pads - kernel) / stride) + 1. InvalidArgument when the kernel does not fit.
absl::StatusOr<Pair> ValidOutput(const Window& window, const Pair& input);

// Pooling that includes the last pixel: rounds up, then drops a window that would start in the
// padding (the rule that Caffe introduced).
absl::StatusOr<Pair> CompleteOutput(const Window& window, const Pair& input);

// Deconvolution: (input - 1) * stride + kernel - pads.
absl::StatusOr<Pair> TransposedOutput(const Window& window, const Pair& input);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_WINDOW_H_

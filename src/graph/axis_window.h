// SPDX-License-Identifier: Apache-2.0
// Output extents and paddings of a window along one axis; the rules of graph/window.h.
#ifndef NBITS_GRAPH_AXIS_WINDOW_H_
#define NBITS_GRAPH_AXIS_WINDOW_H_

#include "absl/status/statusor.h"
#include "graph/ops.h"

namespace nbits::graph {

// InvalidArgument unless kernel, stride, dilation and the dilated kernel are 1..2^30 and paddings
// 0..2^30.
absl::Status CheckWindow(const AxisWindow& window);

int64_t DilatedKernel(const AxisWindow& window);

// Pads so that output = ceil(input / stride), the odd element at the end.
void PadToSame(AxisWindow& window, int64_t input);

// Crops the full result of a deconvolution to `output`, the odd element at the end.
void CropToSame(AxisWindow& window, int64_t input, int64_t output);

// floor((input + pads - kernel) / stride) + 1. InvalidArgument when the kernel does not fit.
absl::StatusOr<int64_t> ValidOutput(const AxisWindow& window, int64_t input);

// Deconvolution: (input - 1) * stride + kernel - pads.
absl::StatusOr<int64_t> TransposedOutput(const AxisWindow& window, int64_t input);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_AXIS_WINDOW_H_

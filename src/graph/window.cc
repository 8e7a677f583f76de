// SPDX-License-Identifier: Apache-2.0
#include "graph/window.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits::graph {
namespace {

bool InRange(int64_t value, int64_t lowest) {
  return value >= lowest && value <= kMaxWindowAttribute;
}

absl::Status TooSmall(const Window& window, int axis, int64_t input) {
  return absl::InvalidArgumentError(
      absl::StrCat("kernel of ", DilatedKernel(window, axis), " does not fit into ", input,
                   " values and ", window.pad_begin[axis] + window.pad_end[axis], " of padding"));
}

}  // namespace

absl::Status CheckWindow(const Window& window) {
  for (int axis = 0; axis < 2; ++axis) {
    if (!InRange(window.kernel[axis], 1) || !InRange(window.stride[axis], 1) ||
        !InRange(window.dilation[axis], 1) || !InRange(DilatedKernel(window, axis), 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("kernel ", window.kernel[axis], ", stride ", window.stride[axis],
                       ", dilation ", window.dilation[axis], " (each must be 1..2^30)"));
    }
    if (!InRange(window.pad_begin[axis], 0) || !InRange(window.pad_end[axis], 0)) {
      return absl::InvalidArgumentError(absl::StrCat("padding ", window.pad_begin[axis], ", ",
                                                     window.pad_end[axis], " (0..2^30)"));
    }
  }
  return absl::OkStatus();
}

int64_t DilatedKernel(const Window& window, int axis) {
  return (window.kernel[axis] - 1) * window.dilation[axis] + 1;
}

void PadToSame(Window& window, const Pair& input, bool top_left_heavy) {
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t output = (input[axis] + window.stride[axis] - 1) / window.stride[axis];
    const int64_t needed =
        (output - 1) * window.stride[axis] + DilatedKernel(window, axis) - input[axis];
    const int64_t total = std::max<int64_t>(0, needed);
    window.pad_begin[axis] = top_left_heavy ? (total + 1) / 2 : total / 2;
    window.pad_end[axis] = total - window.pad_begin[axis];
  }
}

absl::StatusOr<Pair> ValidOutput(const Window& window, const Pair& input) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  Pair output;
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t room =
        input[axis] + window.pad_begin[axis] + window.pad_end[axis] - DilatedKernel(window, axis);
    if (room < 0) return TooSmall(window, axis, input[axis]);
    output[axis] = room / window.stride[axis] + 1;
  }
  return output;
}

absl::StatusOr<Pair> CompleteOutput(const Window& window, const Pair& input) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  Pair output;
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t stride = window.stride[axis];
    const int64_t room =
        input[axis] + window.pad_begin[axis] + window.pad_end[axis] - DilatedKernel(window, axis);
    output[axis] = room < 0 ? 1 : (room + stride - 1) / stride + 1;
    const int64_t last_start = (output[axis] - 1) * stride;
    if (output[axis] > 1 && last_start >= input[axis] + window.pad_begin[axis]) --output[axis];
  }
  return output;
}

absl::StatusOr<Pair> TransposedOutput(const Window& window, const Pair& input) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  Pair output;
  for (int axis = 0; axis < 2; ++axis) {
    output[axis] = (input[axis] - 1) * window.stride[axis] + DilatedKernel(window, axis) -
                   window.pad_begin[axis] - window.pad_end[axis];
    if (output[axis] < 1) return TooSmall(window, axis, input[axis]);
  }
  return output;
}

}  // namespace nbits::graph

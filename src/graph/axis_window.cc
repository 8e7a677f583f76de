// SPDX-License-Identifier: Apache-2.0
#include "graph/axis_window.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/window.h"

namespace nbits::graph {
namespace {

absl::Status TooSmall(const AxisWindow& window, int64_t input) {
  return absl::InvalidArgumentError(absl::StrCat("kernel of ", DilatedKernel(window),
                                                 " does not fit into ", input, " values and ",
                                                 window.pad_begin + window.pad_end, " of padding"));
}

void SplitPadding(AxisWindow& window, int64_t total) {
  window.pad_begin = std::max<int64_t>(0, total) / 2;
  window.pad_end = std::max<int64_t>(0, total) - window.pad_begin;
}

}  // namespace

absl::Status CheckWindow(const AxisWindow& window) {
  // The same limits as in the plane; both of its axes are this one.
  Window plane;
  plane.kernel = {window.kernel, window.kernel};
  plane.stride = {window.stride, window.stride};
  plane.dilation = {window.dilation, window.dilation};
  plane.pad_begin = {window.pad_begin, window.pad_begin};
  plane.pad_end = {window.pad_end, window.pad_end};
  return CheckWindow(plane);
}

int64_t DilatedKernel(const AxisWindow& window) {
  return (window.kernel - 1) * window.dilation + 1;
}

void PadToSame(AxisWindow& window, int64_t input) {
  const int64_t output = (input + window.stride - 1) / window.stride;
  SplitPadding(window, (output - 1) * window.stride + DilatedKernel(window) - input);
}

void CropToSame(AxisWindow& window, int64_t input, int64_t output) {
  SplitPadding(window, (input - 1) * window.stride + DilatedKernel(window) - output);
}

absl::StatusOr<int64_t> ValidOutput(const AxisWindow& window, int64_t input) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  const int64_t room = input + window.pad_begin + window.pad_end - DilatedKernel(window);
  if (room < 0) return TooSmall(window, input);
  return room / window.stride + 1;
}

absl::StatusOr<int64_t> TransposedOutput(const AxisWindow& window, int64_t input) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  const int64_t output =
      (input - 1) * window.stride + DilatedKernel(window) - window.pad_begin - window.pad_end;
  if (output < 1) return TooSmall(window, input);
  return output;
}

}  // namespace nbits::graph

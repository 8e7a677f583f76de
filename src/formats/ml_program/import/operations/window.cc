// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/operations/window.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/axis_window.h"
#include "graph/window.h"

namespace nbits::graph::program {
namespace {

absl::StatusOr<Padding> PaddingOf(const std::string& name) {
  if (name == "valid") return Padding::kValid;
  if (name == "same") return Padding::kSame;
  if (name == "same_lower") return Padding::kSameLower;
  if (name == "custom") return Padding::kCustom;
  return absl::InvalidArgumentError(absl::StrCat("unknown padding '", name, "'"));
}

absl::Status CheckCount(const char* what, size_t count, size_t expected) {
  if (count == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(count, " numbers of '", what, "' (expected ", expected, ")"));
}

// Custom amounts count only with that kind of padding.
absl::Status ReadPad(const Operation& op, Windows& windows) {
  if (windows.padding != Padding::kCustom || !op.Has("pad")) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> pad, op.Integers("pad"));
  NBITS_RETURN_IF_ERROR(CheckCount("pad", pad.size(), 2 * windows.axes.size()));
  for (size_t axis = 0; axis < windows.axes.size(); ++axis) {
    windows.axes[axis].pad_begin = pad[2 * axis];
    windows.axes[axis].pad_end = pad[2 * axis + 1];
  }
  return absl::OkStatus();
}

// Extent of the output where a last window may reach beyond the padded input.
int64_t RoundedUp(const AxisWindow& window, int64_t input) {
  const int64_t padding = window.pad_begin + window.pad_end;
  const int64_t room = input + padding - DilatedKernel(window);
  int64_t output = (room + window.stride - 1) / window.stride + 1;
  const bool begins_beyond = (output - 1) * window.stride >= input + window.pad_begin;
  if (padding > 0 && begins_beyond) --output;
  return output;
}

absl::Status PlaceAxis(Padding padding, int64_t input, bool round_up, AxisWindow& window,
                       int64_t& output) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  if (padding == Padding::kSame || padding == Padding::kSameLower) {
    PadToSame(window, input);
    if (padding == Padding::kSameLower) std::swap(window.pad_begin, window.pad_end);
  }
  NBITS_ASSIGN_OR_RETURN(output, ValidOutput(window, input));
  if (round_up) output = RoundedUp(window, input);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Windows> ReadWindows(const Operation& op, const std::vector<int64_t>& kernel,
                                    bool dilated, const char* fallback) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  if (shape.size() < 3 || shape.size() > 5) {
    return absl::InvalidArgumentError(
        absl::StrCat("input of shape ", ShapeText(shape), " (expected rank 3 to 5)"));
  }
  Windows windows;
  windows.input.assign(shape.begin() + 2, shape.end());
  const size_t count = windows.input.size();
  NBITS_RETURN_IF_ERROR(CheckCount("kernel", kernel.size(), count));
  const std::vector<int64_t> ones(count, 1);
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> strides, op.Integers("strides", ones));
  NBITS_RETURN_IF_ERROR(CheckCount("strides", strides.size(), count));
  std::vector<int64_t> dilations = ones;
  if (dilated) {
    NBITS_ASSIGN_OR_RETURN(dilations, op.Integers("dilations", ones));
    NBITS_RETURN_IF_ERROR(CheckCount("dilations", dilations.size(), count));
  }
  for (size_t axis = 0; axis < count; ++axis) {
    windows.axes.push_back(
        {.kernel = kernel[axis], .stride = strides[axis], .dilation = dilations[axis]});
  }
  NBITS_ASSIGN_OR_RETURN(const std::string padding,
                         fallback == nullptr ? op.Text("pad_type") : op.Text("pad_type", fallback));
  NBITS_ASSIGN_OR_RETURN(windows.padding, PaddingOf(padding));
  windows.output.assign(count, 1);
  NBITS_RETURN_IF_ERROR(ReadPad(op, windows));
  return windows;
}

absl::Status Place(Windows& windows, bool round_up) {
  for (size_t axis = 0; axis < windows.axes.size(); ++axis) {
    NBITS_RETURN_IF_ERROR(PlaceAxis(windows.padding, windows.input[axis], round_up,
                                    windows.axes[axis], windows.output[axis]));
  }
  return absl::OkStatus();
}

absl::Status PlaceTransposed(const std::vector<int64_t>& stated, Windows& windows) {
  for (size_t axis = 0; axis < windows.axes.size(); ++axis) {
    AxisWindow& window = windows.axes[axis];
    const int64_t input = windows.input[axis];
    NBITS_RETURN_IF_ERROR(CheckWindow(window));
    const bool same = windows.padding == Padding::kSame || windows.padding == Padding::kSameLower;
    if (same) {
      windows.output[axis] = stated.empty() ? input * window.stride : stated[axis];
      CropToSame(window, input, windows.output[axis]);
    } else if (!stated.empty()) {
      windows.output[axis] = stated[axis];
    } else {
      NBITS_ASSIGN_OR_RETURN(windows.output[axis], TransposedOutput(window, input));
    }
  }
  return absl::OkStatus();
}

Window PlaneOf(const Windows& windows) {
  Window plane;
  const size_t first = 2 - windows.axes.size();
  for (size_t axis = first; axis < 2; ++axis) {
    const AxisWindow& window = windows.axes[axis - first];
    plane.kernel[axis] = window.kernel;
    plane.stride[axis] = window.stride;
    plane.dilation[axis] = window.dilation;
    plane.pad_begin[axis] = window.pad_begin;
    plane.pad_end[axis] = window.pad_end;
  }
  return plane;
}

Pair PlaneOutputOf(const Windows& windows) {
  if (windows.output.size() == 1) return {1, windows.output[0]};
  return {windows.output[0], windows.output[1]};
}

VolumeWindow VolumeOf(const Windows& windows) {
  return {windows.axes[0], windows.axes[1], windows.axes[2]};
}

Volume VolumeOutputOf(const Windows& windows) {
  return {windows.output[0], windows.output[1], windows.output[2]};
}

Shape WithPlane(Shape shape) {
  if (shape.size() == 3) shape.insert(shape.begin() + 2, 1);
  return shape;
}

}  // namespace nbits::graph::program

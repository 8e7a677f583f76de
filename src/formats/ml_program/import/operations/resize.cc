// SPDX-License-Identifier: Apache-2.0
// Imports operations that resample height and width.
#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/ml_program/import/operations/sampling_mode.h"

namespace nbits::graph::program {
namespace {

// Which place of an axis of `input` values output i of `output` reads: start + i * step.
struct AxisGrid {
  double start = 0, step = 1;
};

AxisGrid GridOf(SamplingMode mode, int64_t input_extent, int64_t output_extent) {
  const auto input = static_cast<double>(input_extent);
  const auto output = static_cast<double>(output_extent);
  const double last = input - 1;
  switch (mode) {
    case SamplingMode::kStrictAlignCorners:
      return {0, output > 1 ? last / (output - 1) : 0};
    case SamplingMode::kAlignCorners:
      return output > 1 ? AxisGrid{0, last / (output - 1)} : AxisGrid{last / 2, 0};
    case SamplingMode::kDefault:
      return {0, input / output};
    case SamplingMode::kOffsetCorners: {
      const double step = std::max(1.0, last) / output;
      return {0.5 * step, step};
    }
    case SamplingMode::kUnalignCorners:
      return {0.5 * input / output - 0.5, input / output};
  }
  return {};
}

absl::StatusOr<Pair> PlaneOfInput(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  if (shape.size() >= 2) return Pair{shape[shape.size() - 2], shape.back()};
  return absl::InvalidArgumentError(absl::StrCat("input of shape ", ShapeText(shape)));
}

absl::Status FinishResize(const Operation& op, bool bilinear, const Pair& output,
                          const std::array<AxisGrid, 2>& grids) {
  Resize resize;
  resize.bilinear = bilinear;
  resize.output = output;
  for (int axis = 0; axis < 2; ++axis) {
    resize.start[axis] = grids[axis].start;
    resize.step[axis] = grids[axis].step;
  }
  return op.FinishOn(resize);
}

absl::Status FinishMode(const Operation& op, bool bilinear, const Pair& output, SamplingMode mode) {
  NBITS_RETURN_IF_ERROR(CheckPlane(output));
  NBITS_ASSIGN_OR_RETURN(const Pair input, PlaneOfInput(op));
  return FinishResize(op, bilinear, output,
                      {GridOf(mode, input[0], output[0]), GridOf(mode, input[1], output[1])});
}

// Whole or broken factors of height and width; the output is rounded down.
absl::StatusOr<Pair> ScaledPlane(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Pair input, PlaneOfInput(op));
  NBITS_ASSIGN_OR_RETURN(const float height, op.Float("scale_factor_height", 1));
  NBITS_ASSIGN_OR_RETURN(const float width, op.Float("scale_factor_width", 1));
  const float factors[] = {height, width};
  Pair output;
  for (int axis = 0; axis < 2; ++axis) {
    const double extent = std::floor(static_cast<double>(input[axis]) * factors[axis]);
    if (!(extent >= 1 && extent <= static_cast<double>(kMaxElements))) {
      return absl::InvalidArgumentError(absl::StrCat("a factor of ", factors[axis]));
    }
    output[axis] = static_cast<int64_t>(extent);
  }
  return output;
}

absl::Status ImportUpsampleNearest(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Pair output, ScaledPlane(op));
  return FinishMode(op, false, output, SamplingMode::kDefault);
}

// Half pixels unless corners are aligned, if nothing else is said.
absl::Status ImportUpsampleBilinear(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Pair output, ScaledPlane(op));
  NBITS_ASSIGN_OR_RETURN(const bool align, op.Flag("align_corners", true));
  NBITS_ASSIGN_OR_RETURN(const bool half, op.Flag("half_pixel_centers", !align));
  if (align) return FinishMode(op, true, output, SamplingMode::kStrictAlignCorners);
  return FinishMode(op, true, output,
                    half ? SamplingMode::kUnalignCorners : SamplingMode::kDefault);
}

absl::StatusOr<Pair> TargetPlane(const Operation& op, int64_t fallback) {
  Pair output = {fallback, fallback};
  const char* const names[] = {"target_size_height", "target_size_width"};
  for (int axis = 0; axis < 2; ++axis) {
    if (fallback > 0 && !op.Has(names[axis])) continue;
    NBITS_ASSIGN_OR_RETURN(output[axis], op.Integer(names[axis]));
  }
  return output;
}

absl::Status ImportResizeNearest(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Pair output, TargetPlane(op, 0));
  return FinishMode(op, false, output, SamplingMode::kDefault);
}

absl::Status ImportResizeBilinear(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Pair output, TargetPlane(op, 1));
  NBITS_ASSIGN_OR_RETURN(const SamplingMode mode, SamplingModeOf(op));
  return FinishMode(op, true, output, mode);
}

// The last entries of `shape` are the extents of the resized axes, 0 the input's own.
absl::Status ImportResize(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Pair input, PlaneOfInput(op));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> shape, op.Integers("shape"));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, op.Integer("resized_dims"));
  if (count < 1 || count > 2 || static_cast<size_t>(count) > shape.size()) {
    return absl::UnimplementedError(absl::StrCat("resizing ", count, " axes"));
  }
  Pair output = input;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t extent = shape[shape.size() - static_cast<size_t>(i) - 1];
    if (extent != 0) output[1 - i] = extent;
  }
  NBITS_RETURN_IF_ERROR(CheckPlane(output));
  NBITS_ASSIGN_OR_RETURN(const std::string kind, op.Text("interpolation_mode", "LINEAR"));
  if (kind != "LINEAR" && kind != "NEAREST_NEIGHBOR") {
    return absl::InvalidArgumentError(absl::StrCat("unknown interpolation '", kind, "'"));
  }
  NBITS_ASSIGN_OR_RETURN(const SamplingMode mode, SamplingModeOf(op));
  std::array<AxisGrid, 2> grids;
  for (int axis = 0; axis < 2; ++axis) {
    if (output[axis] != input[axis]) grids[axis] = GridOf(mode, input[axis], output[axis]);
    // The nearest is the one below in mode DEFAULT, as in resize_nearest_neighbor.
    const bool rounds = kind == "NEAREST_NEIGHBOR" && mode != SamplingMode::kDefault;
    if (rounds && output[axis] != input[axis]) grids[axis].start += 0.5;
  }
  return FinishResize(op, kind == "LINEAR", output, grids);
}

}  // namespace

std::span<const OperationKind> ResizeOperations() {
  static constexpr OperationKind kKinds[] = {
      {"resize", ImportResize},
      {"resize_bilinear", ImportResizeBilinear},
      {"resize_nearest_neighbor", ImportResizeNearest},
      {"upsample_bilinear", ImportUpsampleBilinear},
      {"upsample_nearest_neighbor", ImportUpsampleNearest},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

// SPDX-License-Identifier: Apache-2.0
// Imports operations that resample height and width.
#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/import/program/operation.h"

namespace nbits::graph::program {
namespace {

// Which place of an axis of `input` values output i of `output` reads: start + i * step.
struct AxisGrid {
  double start = 0, step = 1;
};

// The sampling modes of resize_bilinear, resize and crop_resize.
enum class SamplingMode : uint8_t {
  kStrictAlignCorners,
  kAlignCorners,
  kDefault,
  kOffsetCorners,
  kUnalignCorners,
};

absl::StatusOr<SamplingMode> SamplingModeOf(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const std::string name, op.Text("sampling_mode", "DEFAULT"));
  if (name == "STRICT_ALIGN_CORNERS") return SamplingMode::kStrictAlignCorners;
  if (name == "ALIGN_CORNERS") return SamplingMode::kAlignCorners;
  if (name == "DEFAULT") return SamplingMode::kDefault;
  if (name == "OFFSET_CORNERS") return SamplingMode::kOffsetCorners;
  if (name == "UNALIGN_CORNERS") return SamplingMode::kUnalignCorners;
  return absl::InvalidArgumentError(absl::StrCat("unknown sampling mode '", name, "'"));
}

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

absl::Status CheckPlane(const Pair& plane) {
  for (const int64_t extent : plane) {
    if (extent < 1 || extent > kMaxElements) {
      return absl::InvalidArgumentError(absl::StrCat("an extent of ", extent));
    }
  }
  return absl::OkStatus();
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

// ---- Boxes --------------------------------------------------------------------------------------

absl::StatusOr<CropResize> ReadCropResize(const Operation& op) {
  CropResize crop;
  NBITS_ASSIGN_OR_RETURN(crop.output[0], op.Integer("target_height", int64_t{1}));
  NBITS_ASSIGN_OR_RETURN(crop.output[1], op.Integer("target_width", int64_t{1}));
  NBITS_RETURN_IF_ERROR(CheckPlane(crop.output));
  NBITS_ASSIGN_OR_RETURN(crop.normalized, op.Flag("normalized_coordinates", false));
  NBITS_ASSIGN_OR_RETURN(crop.spatial_scale, op.Float("spatial_scale", 1));
  NBITS_ASSIGN_OR_RETURN(const std::string boxes,
                         op.Text("box_coordinate_mode", "CORNERS_HEIGHT_FIRST"));
  crop.center_size = boxes == "CENTER_SIZE_HEIGHT_FIRST" || boxes == "CENTER_SIZE_WIDTH_FIRST";
  crop.width_first = boxes == "CORNERS_WIDTH_FIRST" || boxes == "CENTER_SIZE_WIDTH_FIRST";
  if (!crop.center_size && !crop.width_first && boxes != "CORNERS_HEIGHT_FIRST") {
    return absl::InvalidArgumentError(absl::StrCat("unknown boxes '", boxes, "'"));
  }
  NBITS_ASSIGN_OR_RETURN(const SamplingMode mode, SamplingModeOf(op));
  static constexpr GridMode kModes[] = {GridMode::kStrictAlignEndpoints, GridMode::kAlignEndpoints,
                                        GridMode::kUpsample, GridMode::kRoiAlign,
                                        GridMode::kHalfPixel};
  crop.grid = kModes[static_cast<size_t>(mode)];
  crop.pads = op.opset() >= kIos16;
  NBITS_ASSIGN_OR_RETURN(crop.pad_value, op.Float("pad_value", 0));
  return crop;
}

// Up to opset iOS16: boxes [N, 1, 4 or 5, 1, 1], of which the fifth value tells the image.
absl::Status CropBoxes(const Operation& op, const CropResize& crop) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId boxes, op.Input("roi"));
  const Shape shape = op.builder.ShapeOf(boxes);
  if (shape.empty()) return absl::InvalidArgumentError("boxes without values");
  NBITS_ASSIGN_OR_RETURN(boxes, op.Reshaped(boxes, {shape[0], Product(shape) / shape[0]}));
  return op.Finish(crop, {x, boxes});
}

// From opset iOS17 on: boxes [N, 4], and the image of each beside them.
absl::Status CropIndexed(const Operation& op, const CropResize& crop) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId boxes, op.Input("boxes"));
  const Shape shape = op.builder.ShapeOf(boxes);
  if (shape.size() != 2 || shape[1] != 4) {
    return absl::InvalidArgumentError(absl::StrCat("boxes of shape ", ShapeText(shape)));
  }
  TensorId images = 0;
  if (op.Has("box_indices")) {
    NBITS_ASSIGN_OR_RETURN(images, op.Input("box_indices"));
  } else {
    NBITS_ASSIGN_OR_RETURN(images, op.builder.AddOne(Range{0, 1, shape[0]}, {}));
  }
  NBITS_ASSIGN_OR_RETURN(images, op.Reshaped(images, {shape[0], 1}));
  NBITS_ASSIGN_OR_RETURN(boxes, op.builder.AddOne(Concat{.axis = 1}, {images, boxes}));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.builder.AddOne(crop, {x, boxes}));
  const Shape five = op.builder.ShapeOf(y);
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, {five[0], five[2], five[3], five[4]}));
  return op.Finish({y});
}

absl::Status ImportCropResize(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const CropResize crop, ReadCropResize(op));
  return op.opset() < kIos17 ? CropBoxes(op, crop) : CropIndexed(op, crop);
}

// ---- Free grids ---------------------------------------------------------------------------------

absl::StatusOr<GridSample> ReadGridSample(const Operation& op) {
  GridSample sample;
  NBITS_ASSIGN_OR_RETURN(const std::string sampling, op.Text("sampling_mode"));
  NBITS_ASSIGN_OR_RETURN(const std::string border, op.Text("padding_mode"));
  NBITS_ASSIGN_OR_RETURN(const std::string units, op.Text("coordinates_mode"));
  NBITS_ASSIGN_OR_RETURN(sample.value, op.Float("padding_value"));
  NBITS_ASSIGN_OR_RETURN(sample.align_corners, op.Flag("align_corners", true));
  sample.bilinear = sampling == "bilinear";
  if (!sample.bilinear && sampling != "nearest") {
    return absl::InvalidArgumentError(absl::StrCat("unknown sampling mode '", sampling, "'"));
  }
  static constexpr const char* kBorders[] = {"constant", "border", "reflection", "symmetric"};
  static constexpr const char* kUnits[] = {"unnormalized", "normalized_minus_one_to_one",
                                           "normalized_zero_to_one"};
  const auto find = [](const auto& names, const std::string& name) {
    return static_cast<size_t>(std::find(std::begin(names), std::end(names), name) -
                               std::begin(names));
  };
  const auto border_index = find(kBorders, border), unit_index = find(kUnits, units);
  if (border_index == std::size(kBorders) || unit_index == std::size(kUnits)) {
    return absl::InvalidArgumentError(
        absl::StrCat("padding '", border, "' or coordinates '", units, "' are unknown"));
  }
  sample.border = static_cast<GridSample::Border>(border_index);
  sample.units = static_cast<GridSample::Units>(unit_index);
  return sample;
}

absl::Status ImportResample(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const GridSample sample, ReadGridSample(op));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId coordinates, op.Input("coordinates"));
  return op.Finish(sample, {x, coordinates});
}

// The coordinates (x, y, 1) of every output pixel, -1 to 1 from corner to corner.
std::vector<float> UnitGrid(const Pair& plane) {
  std::vector<float> grid;
  const auto place = [](int64_t i, int64_t extent) {
    return extent > 1 ? static_cast<float>(
                            2.0 * static_cast<double>(i) / static_cast<double>(extent - 1) - 1)
                      : 0.0f;
  };
  for (int64_t y = 0; y < plane[0]; ++y) {
    for (int64_t x = 0; x < plane[1]; ++x) {
      grid.insert(grid.end(), {place(x, plane[1]), place(y, plane[0]), 1.0f});
    }
  }
  return grid;
}

absl::Status ImportAffine(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const GridSample sample, ReadGridSample(op));
  Pair plane;
  NBITS_ASSIGN_OR_RETURN(plane[0], op.Integer("output_height"));
  NBITS_ASSIGN_OR_RETURN(plane[1], op.Integer("output_width"));
  NBITS_RETURN_IF_ERROR(CheckPlane(plane));
  NBITS_RETURN_IF_ERROR(CheckedElementCount({plane[0], plane[1], 3}).status());
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId matrix, op.Input("transform_matrix"));
  const Shape image = op.builder.ShapeOf(x), shape = op.builder.ShapeOf(matrix);
  if (image.size() != 4 || shape.size() != 2 || shape[1] != 6) {
    return absl::InvalidArgumentError(
        absl::StrCat("image of shape ", ShapeText(image), " and matrix of ", ShapeText(shape)));
  }
  NBITS_ASSIGN_OR_RETURN(matrix, op.Reshaped(matrix, {shape[0], 2, 3}));
  NBITS_ASSIGN_OR_RETURN(const TensorId grid,
                         op.builder.AddConstant(UnitGrid(plane), {1, plane[0] * plane[1], 3}));
  NBITS_ASSIGN_OR_RETURN(TensorId places,
                         op.builder.AddOne(MatrixProduct{false, true}, {grid, matrix}));
  const Shape all = {image[0], plane[0] * plane[1], 2};
  if (op.builder.ShapeOf(places) != all) {
    NBITS_ASSIGN_OR_RETURN(places, op.builder.AddOne(BroadcastTo{all}, {places}));
  }
  NBITS_ASSIGN_OR_RETURN(places, op.Reshaped(places, {image[0], plane[0], plane[1], 2}));
  return op.Finish(sample, {x, places});
}

}  // namespace

std::span<const OperationKind> ResizeOperations() {
  static constexpr OperationKind kKinds[] = {
      {"affine", ImportAffine},
      {"crop_resize", ImportCropResize},
      {"resample", ImportResample},
      {"resize", ImportResize},
      {"resize_bilinear", ImportResizeBilinear},
      {"resize_nearest_neighbor", ImportResizeNearest},
      {"upsample_bilinear", ImportUpsampleBilinear},
      {"upsample_nearest_neighbor", ImportUpsampleNearest},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

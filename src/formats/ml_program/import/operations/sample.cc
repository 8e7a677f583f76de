// SPDX-License-Identifier: Apache-2.0
// Imports operations that read an image at free places: boxes, grids, affine maps.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/ml_program/import/operations/sampling_mode.h"

namespace nbits::graph::program {
namespace {

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

absl::StatusOr<SamplingMode> SamplingModeOf(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const std::string name, op.Text("sampling_mode", "DEFAULT"));
  if (name == "STRICT_ALIGN_CORNERS") return SamplingMode::kStrictAlignCorners;
  if (name == "ALIGN_CORNERS") return SamplingMode::kAlignCorners;
  if (name == "DEFAULT") return SamplingMode::kDefault;
  if (name == "OFFSET_CORNERS") return SamplingMode::kOffsetCorners;
  if (name == "UNALIGN_CORNERS") return SamplingMode::kUnalignCorners;
  return absl::InvalidArgumentError(absl::StrCat("unknown sampling mode '", name, "'"));
}

absl::Status CheckPlane(const Pair& plane) {
  for (const int64_t extent : plane) {
    if (extent < 1 || extent > kMaxElements) {
      return absl::InvalidArgumentError(absl::StrCat("an extent of ", extent));
    }
  }
  return absl::OkStatus();
}

std::span<const OperationKind> SampleOperations() {
  static constexpr OperationKind kKinds[] = {
      {"affine", ImportAffine},
      {"crop_resize", ImportCropResize},
      {"resample", ImportResample},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

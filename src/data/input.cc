// SPDX-License-Identifier: Apache-2.0
#include "nbits/input.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "data/shape.h"
#include "nbits/image.h"
#include "nbits/npy.h"

namespace nbits {
namespace {

constexpr absl::string_view kNpyMark("\x93NUMPY", 6);

std::string ShapeText(const Shape& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::string_view ColorText(ImageColor color) {
  switch (color) {
    case ImageColor::kRgb:
      return "RGB";
    case ImageColor::kBgr:
      return "BGR";
    default:
      return "grey";
  }
}

// Whether the file lists `shape` or gives a range that holds it.
bool AllowsShape(const FeatureDescription& feature, const Shape& shape) {
  if (feature.kind != FeatureKind::kMultiArray) return false;
  if (feature.shape.empty()) return true;
  const auto& listed = feature.enumerated_shapes;
  if (std::find(listed.begin(), listed.end(), shape) != listed.end()) return true;
  if (feature.shape_range.size() != shape.size() || shape.empty()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const auto& [least, most] = feature.shape_range[axis];
    if (shape[axis] < least || (most >= 0 && shape[axis] > most)) return false;
  }
  return true;
}

bool IsFlexible(const FeatureDescription& feature) {
  return !feature.enumerated_shapes.empty() || !feature.shape_range.empty();
}

// A declared [channels] or [channels, height, width] may have a sequence and a batch axis before
// it.
bool IsSequenceOf(const Shape& declared, const Shape& shape) {
  return !declared.empty() && shape.size() > declared.size() && shape.size() <= 5 &&
         std::equal(declared.rbegin(), declared.rend(), shape.rbegin());
}

absl::StatusOr<Tensor> ReadArray(const FeatureDescription& feature, const std::string& file,
                                 absl::string_view bytes) {
  NBITS_ASSIGN_OR_RETURN(Tensor tensor, DecodeNpy(bytes, file));
  const Shape expected = InputShape(feature);
  if (tensor.shape == expected || AllowsShape(feature, tensor.shape)) return tensor;
  if (WithoutOnes(tensor.shape) == WithoutOnes(expected)) {
    tensor.shape = expected;
    return tensor;
  }
  if (feature.kind == FeatureKind::kMultiArray && IsSequenceOf(expected, tensor.shape)) {
    return tensor;
  }
  // The engine knows which sizes of a flexible input fit, and says so.
  if (IsFlexible(feature)) return tensor;
  return absl::InvalidArgumentError(absl::StrCat(file, " has shape ", ShapeText(tensor.shape),
                                                 ", input '", feature.name, "' takes ",
                                                 ShapeText(expected)));
}

}  // namespace

std::string DescribeInput(const FeatureDescription& feature) {
  if (feature.kind == FeatureKind::kImage) {
    const std::string size = feature.shape.size() == 2
                                 ? absl::StrCat(", ", feature.shape[1], " x ", feature.shape[0])
                                 : std::string();
    return absl::StrCat("image '", feature.name, "' (", ColorText(feature.color), size,
                        "): a JPEG, PNG or .npy file");
  }
  const std::string shape = feature.shape.empty() ? "" : " of shape " + ShapeText(feature.shape);
  return absl::StrCat("array '", feature.name, "'", shape, ": a .npy file");
}

Shape InputShape(const FeatureDescription& feature) {
  if (feature.kind != FeatureKind::kImage) return feature.shape;
  const bool grey =
      feature.color == ImageColor::kGrayscale || feature.color == ImageColor::kGrayscaleFloat16;
  Shape shape = feature.shape;
  shape.insert(shape.begin(), grey ? 1 : 3);
  return shape;
}

absl::StatusOr<Tensor> ReadInput(const FeatureDescription& feature, const std::string& file) {
  if (file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("no file for ", DescribeInput(feature)));
  }
  NBITS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file));
  if (absl::StartsWith(bytes, kNpyMark)) return ReadArray(feature, file, bytes);
  NBITS_ASSIGN_OR_RETURN(const Image image, DecodeImage(bytes, file));
  if (feature.kind == FeatureKind::kImage) return ImageToTensor(image, feature);
  return absl::InvalidArgumentError(
      absl::StrCat(file, " is a picture, the model takes ", DescribeInput(feature)));
}

}  // namespace nbits

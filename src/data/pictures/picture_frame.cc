// SPDX-License-Identifier: Apache-2.0
#include "data/pictures/picture_frame.h"

#include <algorithm>
#include <limits>

#include "data/shape.h"

namespace nbits {
namespace {

bool IsChannelCount(int64_t extent) { return extent == 1 || extent == 3; }

// Whether all axes before the last `count` are of extent 1.
bool OnlyOnesBefore(const Shape& shape, size_t count) {
  return std::all_of(shape.begin(), shape.end() - static_cast<std::ptrdiff_t>(count),
                     [](int64_t extent) { return extent == 1; });
}

int64_t Within(const std::pair<int64_t, int64_t>& range, int64_t value) {
  const int64_t most = range.second < 0 ? std::numeric_limits<int64_t>::max() : range.second;
  return std::min(std::max(value, range.first), most);
}

int ToInt(int64_t extent) {
  return static_cast<int>(std::clamp<int64_t>(extent, 0, std::numeric_limits<int>::max()));
}

double Distance(ImageSize a, ImageSize b) {
  const double x = double{1} * a.width - b.width, y = double{1} * a.height - b.height;
  return x * x + y * y;
}

}  // namespace

PictureFrame::PictureFrame(const FeatureDescription& feature, size_t row_axis,
                           std::optional<size_t> channel)
    : feature_(&feature), row_axis_(row_axis), channel_axis_(channel) {
  if (feature.kind == FeatureKind::kImage) channels_ = IsGrey(feature.color) ? 1 : 3;
  if (channel) channels_ = static_cast<int>(feature.shape[*channel]);
}

std::optional<PictureFrame> PictureFrame::Of(const FeatureDescription& feature,
                                             PictureLayout layout) {
  const Shape& shape = feature.shape;
  const size_t rank = shape.size();
  if (feature.kind == FeatureKind::kImage) {
    if (rank != 2) return std::nullopt;
    return PictureFrame(feature, 0, std::nullopt);
  }
  if (feature.kind != FeatureKind::kMultiArray || rank < 2) return std::nullopt;
  const bool ones = rank >= 3 && OnlyOnesBefore(shape, 3);
  if (layout != PictureLayout::kChannelsLast && ones && IsChannelCount(shape[rank - 3])) {
    return PictureFrame(feature, rank - 2, rank - 3);
  }
  if (layout != PictureLayout::kChannelsFirst && ones && IsChannelCount(shape[rank - 1])) {
    return PictureFrame(feature, rank - 3, rank - 1);
  }
  // Rows and columns of grey values; one row is a vector, not a picture.
  if (rank > 2 || shape[0] < 2 || shape[1] < 2) return std::nullopt;
  return PictureFrame(feature, 0, std::nullopt);
}

PictureFrame::Strides PictureFrame::StridesAt(ImageSize size) const {
  const auto width = static_cast<size_t>(size.width), height = static_cast<size_t>(size.height);
  const auto channels = static_cast<size_t>(channels_);
  if (channel_axis_ && *channel_axis_ > row_axis_) return {1, width * channels, channels};
  return {width * height, width, 1};
}

Shape PictureFrame::DeclaredShapeAt(ImageSize size) const {
  Shape shape = feature_->shape;
  shape[row_axis_] = size.height;
  shape[row_axis_ + 1] = size.width;
  return shape;
}

Shape PictureFrame::ShapeAt(ImageSize size) const {
  Shape shape = DeclaredShapeAt(size);
  if (feature_->kind == FeatureKind::kImage) shape.insert(shape.begin(), channels_);
  return shape;
}

ImageSize PictureFrame::DeclaredSizeOf(const Shape& declared) const {
  if (declared.size() != feature_->shape.size()) return {};
  return {ToInt(declared[row_axis_ + 1]), ToInt(declared[row_axis_])};
}

ImageSize PictureFrame::SizeOf(const Shape& tensor) const {
  if (feature_->kind != FeatureKind::kImage) return DeclaredSizeOf(tensor);
  if (tensor.size() != 3) return {};
  return {ToInt(tensor[2]), ToInt(tensor[1])};
}

ImageSize PictureFrame::DefaultSize() const { return DeclaredSizeOf(feature_->shape); }

bool PictureFrame::IsFlexible() const {
  return !feature_->enumerated_shapes.empty() || !feature_->shape_range.empty();
}

bool PictureFrame::Allows(ImageSize size) const {
  const Shape shape = DeclaredShapeAt(size);
  const auto& listed = feature_->enumerated_shapes;
  if (shape == feature_->shape) return true;
  if (std::find(listed.begin(), listed.end(), shape) != listed.end()) return true;
  const auto& ranges = feature_->shape_range;
  if (ranges.size() != shape.size()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (Within(ranges[axis], shape[axis]) != shape[axis]) return false;
  }
  return true;
}

ImageSize PictureFrame::Nearest(ImageSize size) const {
  if (Allows(size)) return size;
  ImageSize nearest = DefaultSize();
  const auto consider = [&](ImageSize other) {
    if (other.width < 1 || other.height < 1 || !Allows(other)) return;
    if (Distance(size, other) < Distance(size, nearest)) nearest = other;
  };
  for (const Shape& shape : feature_->enumerated_shapes) consider(DeclaredSizeOf(shape));
  if (feature_->shape_range.size() == feature_->shape.size()) {
    const auto& ranges = feature_->shape_range;
    consider({ToInt(Within(ranges[row_axis_ + 1], size.width)),
              ToInt(Within(ranges[row_axis_], size.height))});
  }
  return nearest;
}

}  // namespace nbits

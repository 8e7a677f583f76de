// SPDX-License-Identifier: Apache-2.0
// Where a picture stands in an input's shape, and which sizes the input allows.
#ifndef NBITS_DATA_PICTURES_PICTURE_FRAME_H_
#define NBITS_DATA_PICTURES_PICTURE_FRAME_H_

#include <optional>

#include "data/pictures/codec.h"
#include "nbits/input.h"
#include "nbits/model.h"

namespace nbits {

class PictureFrame {
 public:
  // Nothing when no picture fits the feature: neither an image nor an array with one or three
  // channels in this layout, whose other axes are of extent 1.
  static std::optional<PictureFrame> Of(const FeatureDescription& feature, PictureLayout layout);

  int channels() const { return channels_; }
  // From one value to the next along the axes of a picture of this size.
  struct Strides {
    size_t channel, row, column;
  };
  Strides StridesAt(ImageSize size) const;
  // The tensor's shape (with the channels of an image) for a picture of this size.
  Shape ShapeAt(ImageSize size) const;
  // Rows and columns of a tensor of such a shape.
  ImageSize SizeOf(const Shape& tensor) const;

  ImageSize DefaultSize() const;
  bool IsFlexible() const;
  // Whether the file lists the size or gives a range that holds it.
  bool Allows(ImageSize size) const;
  // Of the allowed sizes the one with the least sum of squared differences of its sides.
  ImageSize Nearest(ImageSize size) const;

 private:
  PictureFrame(const FeatureDescription& feature, size_t row_axis, std::optional<size_t> channel);
  Shape DeclaredShapeAt(ImageSize size) const;
  ImageSize DeclaredSizeOf(const Shape& declared) const;

  const FeatureDescription* feature_;
  size_t row_axis_;                     // Of the declared shape; the columns come next.
  std::optional<size_t> channel_axis_;  // Likewise; an image declares none.
  int channels_ = 1;
};

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_PICTURE_FRAME_H_

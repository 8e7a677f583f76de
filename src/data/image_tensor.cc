// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/status_macros.h"
#include "data/pictures/codec.h"
#include "data/shape.h"
#include "nbits/image.h"

namespace nbits {
namespace {

// ITU-R BT.601 luma in 16-bit fixed point, rounded; the weights sum to 65536.
uint8_t Luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 32768) >> 16);
}

// Value of the tensor's channel `channel` at a pixel of the picture.
float Sample(const uint8_t* pixel, int channels, ImageColor color, int channel) {
  if (channels == 1) return pixel[0];
  if (IsGrey(color)) return Luma(pixel);
  return pixel[color == ImageColor::kBgr ? 2 - channel : channel];
}

// NaN fails both comparisons' opposite and becomes 0.
uint8_t ToByte(float value) {
  if (!(value > 0.0f)) return 0;
  return value >= 255.0f ? 255 : static_cast<uint8_t>(value + 0.5f);
}

// [channels, height, width] of what TensorToImage takes: leading axes of extent 1 go, and where
// that is not enough all others of extent 1 too. Other shapes are left for its check.
Shape PlanesOf(Shape shape) {
  while (shape.size() > 3 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() > 3) shape = WithoutOnes(shape);
  if (shape.size() == 2) shape.insert(shape.begin(), 1);
  return shape;
}

}  // namespace

absl::StatusOr<Tensor> ImageToTensor(const Image& image, ImageColor color, int height, int width) {
  NBITS_RETURN_IF_ERROR(CheckImageSize(width, height, 3));
  NBITS_RETURN_IF_ERROR(CheckImageSize(image.width, image.height, image.channels));
  const int channels = IsGrey(color) ? 1 : 3;
  const size_t plane = static_cast<size_t>(width) * height;
  const size_t bytes = plane * (channels * sizeof(float) + image.channels);
  NBITS_RETURN_IF_ERROR(
      CheckPictureMemory(static_cast<int64_t>(bytes), "an input", {width, height}));
  const Image scaled = ResizeImage(image, width, height);
  Tensor tensor{{channels, height, width}, std::vector<float>(plane * channels)};
  for (int c = 0; c < channels; ++c) {
    for (size_t i = 0; i < plane; ++i) {
      const uint8_t* pixel = &scaled.pixels[i * scaled.channels];
      tensor.values[c * plane + i] = Sample(pixel, scaled.channels, color, c);
    }
  }
  return tensor;
}

absl::StatusOr<Tensor> ImageToTensor(const Image& image, const FeatureDescription& feature) {
  if (feature.kind != FeatureKind::kImage) {
    return absl::InvalidArgumentError(absl::StrCat("input ", feature.name, " is not a picture"));
  }
  if (feature.shape.size() != 2 || feature.shape[0] < 1 || feature.shape[1] < 1 ||
      feature.shape[0] > kMaxImagePixels || feature.shape[1] > kMaxImagePixels) {
    return absl::InvalidArgumentError(absl::StrCat("picture ", feature.name, " has no fixed size"));
  }
  return ImageToTensor(image, feature.color, static_cast<int>(feature.shape[0]),
                       static_cast<int>(feature.shape[1]));
}

absl::StatusOr<Image> TensorToImage(const Tensor& tensor, ImageColor color) {
  const Shape shape = PlanesOf(tensor.shape);
  if (shape.size() != 3 || (shape[0] != 3 && shape[0] != 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("an array of shape ", ShapeText(tensor.shape), " is no picture"));
  }
  const int channels = static_cast<int>(shape[0]);
  NBITS_RETURN_IF_ERROR(CheckImageSize(shape[2], shape[1], channels));
  const size_t plane = static_cast<size_t>(shape[1] * shape[2]);
  if (tensor.values.size() != plane * channels) {
    return absl::InvalidArgumentError("the array's values do not fit its shape");
  }
  Image image{static_cast<int>(shape[2]), static_cast<int>(shape[1]), channels, {}};
  image.pixels.resize(plane * channels);
  for (int c = 0; c < channels; ++c) {
    const int from = channels == 3 && color == ImageColor::kBgr ? 2 - c : c;
    for (size_t i = 0; i < plane; ++i) {
      image.pixels[i * channels + c] = ToByte(tensor.values[from * plane + i]);
    }
  }
  return image;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "data/array_picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/pictures/picture_frame.h"

namespace nbits {
namespace {

constexpr int kLeastSide = 16;  // Fewer rows or columns are features rather than a picture.
constexpr int kChannels = 3;
constexpr float kWhite = 255;

// [offset, scale]: (value - offset) * scale is 0..255.
std::pair<float, float> Levels(float low, float high) {
  if (low >= 0 && high <= 1) return {0.0f, kWhite};
  if (low >= 0 && high <= kWhite) return {0.0f, 1.0f};
  return {low, high > low ? kWhite / (high - low) : 0.0f};
}

}  // namespace

bool IsPictureArray(const FeatureDescription& feature) {
  if (feature.kind != FeatureKind::kMultiArray) return false;
  const auto frame = PictureFrame::Of(feature, PictureLayout::kAuto);
  return frame && frame->channels() == kChannels;
}

std::optional<Image> ArrayPicture(const FeatureDescription& feature, const Tensor& array) {
  const auto frame = PictureFrame::Of(feature, PictureLayout::kAuto);
  if (!frame || frame->channels() != kChannels) return std::nullopt;
  const ImageSize size = frame->SizeOf(array.shape);
  if (size.width < kLeastSide || size.height < kLeastSide || array.shape != frame->ShapeAt(size)) {
    return std::nullopt;
  }
  const auto [low, high] = std::minmax_element(array.values.begin(), array.values.end());
  if (!std::all_of(array.values.begin(), array.values.end(),
                   [](float value) { return std::isfinite(value); })) {
    return std::nullopt;
  }
  const auto [offset, scale] = Levels(*low, *high);
  const PictureFrame::Strides strides = frame->StridesAt(size);
  Image image{size.width, size.height, kChannels, {}};
  image.pixels.reserve(array.values.size());
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (size_t c = 0; c < kChannels; ++c) {
        const size_t at = static_cast<size_t>(y) * strides.row +
                          static_cast<size_t>(x) * strides.column + c * strides.channel;
        image.pixels.push_back(
            static_cast<uint8_t>(std::lround((array.values[at] - offset) * scale)));
      }
    }
  }
  return image;
}

}  // namespace nbits

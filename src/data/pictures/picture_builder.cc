// SPDX-License-Identifier: Apache-2.0
#include "data/pictures/picture_builder.h"

#include <utility>

#include "base/status_macros.h"
#include "data/pictures/exif.h"

namespace nbits {
namespace {

constexpr int64_t kTurnedFirst = int64_t{1} << 24;  // Pixels.

ImageSize Turned(ImageSize size, int orientation) {
  if (orientation >= 5 && orientation <= 8) std::swap(size.width, size.height);
  return size;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PictureBuilder>> PictureBuilder::Create(ImageSize stored,
                                                                       int channels,
                                                                       int orientation,
                                                                       const SizeChooser& choose) {
  std::unique_ptr<PictureBuilder> builder(new PictureBuilder);
  builder->own_ = Turned(stored, orientation);
  NBITS_ASSIGN_OR_RETURN(builder->wanted_, choose(builder->own_));
  builder->stored_width_ = stored.width;
  builder->file_channels_ = channels;
  builder->orientation_ = orientation;
  Image& image = builder->image_;
  image.channels = channels <= 2 ? 1 : 3;
  if (channels != image.channels) {
    builder->opaque_row_.resize(static_cast<size_t>(stored.width) * image.channels);
  }
  const bool upright = orientation < 2 || orientation > 8;
  const bool by_rows = upright || int64_t{1} * stored.width * stored.height > kTurnedFirst;
  const ImageSize target = by_rows ? Turned(builder->wanted_, orientation) : stored;
  image.width = target.width;
  image.height = target.height;
  const bool is_copied = !upright || target != builder->wanted_;  // To be turned or scaled.
  const int64_t bytes = int64_t{1} * target.width * target.height * image.channels;
  NBITS_RETURN_IF_ERROR(CheckPictureMemory(is_copied ? 2 * bytes : bytes, "a picture", stored));
  if (target == stored) {
    image.pixels.reserve(static_cast<size_t>(stored.width) * stored.height * image.channels);
  } else {
    builder->scaler_.emplace(stored.width, stored.height, image.channels, image);
  }
  return builder;
}

// One or three channels from two or four: every pixel laid over white.
void PictureBuilder::Add(const uint8_t* row) {
  if (opaque_row_.empty()) return AddOpaque(row);
  const size_t channels = static_cast<size_t>(image_.channels);
  uint8_t* to = opaque_row_.data();
  for (int x = 0; x < stored_width_; ++x, row += channels + 1) {
    const int alpha = row[channels];
    for (size_t c = 0; c < channels; ++c) {
      const int sum = row[c] * alpha + 255 * (255 - alpha);
      *to++ = static_cast<uint8_t>((sum + 127) / 255);
    }
  }
  AddOpaque(opaque_row_.data());
}

void PictureBuilder::AddOpaque(const uint8_t* row) {
  if (scaler_) return scaler_->Add(row);
  image_.pixels.insert(image_.pixels.end(), row,
                       row + static_cast<size_t>(stored_width_) * image_.channels);
}

DecodedImage PictureBuilder::Finish() {
  scaler_.reset();
  Image seen = ApplyOrientation(std::move(image_), orientation_);
  if (seen.width != wanted_.width || seen.height != wanted_.height) {
    seen = ResizeImage(seen, wanted_.width, wanted_.height);
  }
  return {std::move(seen), own_};
}

}  // namespace nbits

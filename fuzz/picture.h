// SPDX-License-Identifier: Apache-2.0
// What the targets of the picture formats share.
#ifndef NBITS_FUZZ_PICTURE_H_
#define NBITS_FUZZ_PICTURE_H_

#include "absl/status/statusor.h"
#include "fuzz/fuzz.h"
#include "nbits/image.h"

namespace nbits::fuzz {

// Larger pictures are honest work and honest memory, but not worth a fuzzer's time.
inline constexpr uint64_t kMostPixels = 1 << 14;

inline uint64_t BigEndian(const uint8_t* data, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | data[i];
  return value;
}

inline bool IsWhole(const Image& image) {
  return image.width > 0 && image.height > 0 && (image.channels == 1 || image.channels == 3) &&
         image.pixels.size() == uint64_t{1} * image.width * image.height * image.channels;
}

// A picture that was read can be scaled and written as a PNG that gives the same pixels.
inline void CheckPicture(const absl::StatusOr<Image>& image) {
  if (!image.ok()) return;
  Require(IsWhole(*image));
  Require(IsWhole(ResizeImage(*image, 7, 5)));
  const auto png = EncodePng(*image);
  Require(png.ok());
  const auto again = DecodeImage(*png, "fuzz");
  Require(again.ok() && again->width == image->width && again->pixels == image->pixels);
}

}  // namespace nbits::fuzz

#endif  // NBITS_FUZZ_PICTURE_H_

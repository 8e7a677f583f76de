// SPDX-License-Identifier: Apache-2.0
// The file formats of pictures, one function each way. Library users call nbits/image.h.
#ifndef NBITS_DATA_CODEC_H_
#define NBITS_DATA_CODEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/image.h"

namespace nbits {

enum class ImageFormat : uint8_t { kUnknown, kJpeg, kPng };

// By the first bytes: FF D8 FF, or PNG's signature of eight.
ImageFormat FormatOf(absl::string_view bytes);

// Grey or RGB pixels with the EXIF orientation applied. Errors say what is wrong, not which file.
absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes);
absl::StatusOr<Image> DecodePng(absl::string_view bytes);

// Pixels of a palette (indices) or grey PNG of up to 8 bits without expansion; of other PNGs as
// DecodePng gives them.
absl::StatusOr<Image> DecodePngValues(absl::string_view bytes);

// InvalidArgument when an extent is 0, the picture is over kMaxImagePixels, or `channels` is
// neither 1 nor 3.
absl::Status CheckImageSize(int64_t width, int64_t height, int channels);

}  // namespace nbits

#endif  // NBITS_DATA_CODEC_H_

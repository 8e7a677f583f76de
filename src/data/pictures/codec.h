// SPDX-License-Identifier: Apache-2.0
// The file formats of pictures, one function each way. Library users call nbits/image.h.
#ifndef NBITS_DATA_PICTURES_CODEC_H_
#define NBITS_DATA_PICTURES_CODEC_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/image.h"

namespace nbits {

enum class ImageFormat : uint8_t { kUnknown, kJpeg, kPng };

// By the first bytes: FF D8 FF, or PNG's signature of eight.
ImageFormat FormatOf(absl::string_view bytes);

struct ImageSize {
  int width = 0, height = 0;
  bool operator==(const ImageSize&) const = default;
};
// The size that is wanted of a picture of size `own`, as it is to be seen.
using SizeChooser = std::function<absl::StatusOr<ImageSize>(ImageSize own)>;

struct DecodedImage {
  Image image;    // At the chosen size.
  ImageSize own;  // Of the file's picture as it is to be seen.
};

// ResourceExhausted, naming `kind` ("an interlaced PNG picture") and the size, when there is no
// memory for `bytes`: a few hundred bytes of a file may ask for gigabytes.
absl::Status CheckPictureMemory(int64_t bytes, absl::string_view kind, ImageSize size);

// Grey or RGB pixels with the EXIF orientation applied, scaled as ResizeImage does. Errors say what
// is wrong, not which file.
absl::StatusOr<DecodedImage> DecodeJpeg(absl::string_view bytes, const SizeChooser& choose);
absl::StatusOr<DecodedImage> DecodePng(absl::string_view bytes, const SizeChooser& choose);
// Either, by the first bytes. Errors begin with `name`.
absl::StatusOr<DecodedImage> DecodeImageAt(absl::string_view bytes, absl::string_view name,
                                           const SizeChooser& choose);

// Pixels of a palette (indices) or grey PNG of up to 8 bits without expansion; of other PNGs as
// ReadImage gives them.
absl::StatusOr<Image> DecodePngValues(absl::string_view bytes);

// InvalidArgument when an extent is 0, the picture is over kMaxImagePixels, or `channels` is
// neither 1 nor 3.
absl::Status CheckImageSize(int64_t width, int64_t height, int channels);

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_CODEC_H_

// SPDX-License-Identifier: Apache-2.0
#include "nbits/image.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "data/pictures/codec.h"
#include "data/pictures/foreign_format.h"

namespace nbits {
namespace {

constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);
constexpr absl::string_view kJpegSignature("\xff\xd8\xff", 3);

absl::Status InFile(const absl::Status& status, absl::string_view name) {
  return absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
}

// RGB pixels whose three values are equal, as grey ones.
absl::StatusOr<Image> GreyFromEqualChannels(const Image& image) {
  Image grey{image.width, image.height, 1, {}};
  grey.pixels.reserve(image.pixels.size() / 3);
  for (size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    const uint8_t value = image.pixels[i];
    if (value != image.pixels[i + 1] || value != image.pixels[i + 2]) {
      return absl::InvalidArgumentError(
          "a mask must be a palette or grey PNG, this one is coloured");
    }
    grey.pixels.push_back(value);
  }
  return grey;
}

absl::StatusOr<DecodedImage> DecodeJpegOrPng(absl::string_view bytes, const SizeChooser& choose) {
  switch (FormatOf(bytes)) {
    case ImageFormat::kJpeg:
      return DecodeJpeg(bytes, choose);
    case ImageFormat::kPng:
      return DecodePng(bytes, choose);
    case ImageFormat::kUnknown:
      break;
  }
  return absl::InvalidArgumentError(WhyNoPicture(bytes));
}

absl::StatusOr<Image> DecodeMaskValues(absl::string_view bytes) {
  if (FormatOf(bytes) != ImageFormat::kPng) {
    return absl::InvalidArgumentError("a mask must be a PNG file");
  }
  NBITS_ASSIGN_OR_RETURN(Image image, DecodePngValues(bytes));
  if (image.channels == 1) return image;
  return GreyFromEqualChannels(image);
}

}  // namespace

ImageFormat FormatOf(absl::string_view bytes) {
  if (bytes.substr(0, kPngSignature.size()) == kPngSignature) return ImageFormat::kPng;
  if (bytes.substr(0, kJpegSignature.size()) == kJpegSignature) return ImageFormat::kJpeg;
  return ImageFormat::kUnknown;
}

absl::Status CheckImageSize(int64_t width, int64_t height, int channels) {
  if (channels != 1 && channels != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("a picture has 1 or 3 channels, not ", channels));
  }
  if (width < 1 || height < 1) return absl::InvalidArgumentError("the picture is empty");
  if (width > kMaxImagePixels || height > kMaxImagePixels / width) {
    return absl::InvalidArgumentError(
        absl::StrCat("the picture is too large: ", width, " x ", height, " pixels"));
  }
  return absl::OkStatus();
}

absl::Status CheckPictureMemory(int64_t bytes, absl::string_view kind, ImageSize size) {
  return CheckMemory(bytes, absl::StrCat(kind, " of ", size.width, " x ", size.height, " pixels"));
}

absl::StatusOr<DecodedImage> DecodeImageAt(absl::string_view bytes, absl::string_view name,
                                           const SizeChooser& choose) {
  absl::StatusOr<DecodedImage> decoded = DecodeJpegOrPng(bytes, choose);
  if (!decoded.ok()) return InFile(decoded.status(), name);
  return decoded;
}

absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view name) {
  NBITS_ASSIGN_OR_RETURN(DecodedImage decoded,
                         DecodeImageAt(bytes, name, [](ImageSize own) { return own; }));
  return std::move(decoded.image);
}

absl::StatusOr<Image> ReadImage(const std::string& path) {
  NBITS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeImage(bytes, path);
}

absl::StatusOr<ClassMap> DecodeMask(absl::string_view bytes, absl::string_view name) {
  absl::StatusOr<Image> image = DecodeMaskValues(bytes);
  if (!image.ok()) return InFile(image.status(), name);
  return ClassMap{image->height, image->width, std::move(image->pixels)};
}

absl::StatusOr<ClassMap> ReadMask(const std::string& path) {
  NBITS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeMask(bytes, path);
}

std::string DataUri(absl::string_view media_type, absl::string_view bytes) {
  return absl::StrCat("data:", media_type, ";base64,", absl::Base64Escape(bytes));
}

}  // namespace nbits

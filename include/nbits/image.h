// SPDX-License-Identifier: Apache-2.0
// Pictures: JPEG and PNG files, scaling, and the way between pictures and network tensors.
//
// Files may hold anything: every function that reads one answers with InvalidArgument (file name
// and reason) instead of trusting it, and refuses pictures over kMaxImagePixels; NotFound where
// there is no file. Source of the formats: ISO/IEC 15948 (PNG), ITU-T T.81 (JPEG), read by libpng
// and libjpeg-turbo.
#ifndef NBITS_IMAGE_H_
#define NBITS_IMAGE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/class_map.h"
#include "nbits/export.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

inline constexpr int64_t kMaxImagePixels = int64_t{1} << 27;

// 8-bit pixels, rows from the top, channels interleaved: grey (1) or RGB (3).
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;  // width * height * channels.
};

// Reads a JPEG or PNG file, told apart by their first bytes. The EXIF orientation is applied.
// Grey pictures have one channel, all others three (CMYK is converted, 16 bits are scaled to 8,
// transparent pixels are laid over white). A file that ends early is an error, not half a picture.
absl::StatusOr<Image> ReadImage(const std::string& path);
// The same from memory; `name` stands in error messages.
absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view name);

// Reads a PNG as class ids: the palette indices of a palette PNG, the values of a grey one (8 bits
// or fewer), or of an RGB one whose three channels are equal. Other files are InvalidArgument.
absl::StatusOr<ClassMap> ReadMask(const std::string& path);
absl::StatusOr<ClassMap> DecodeMask(absl::string_view bytes, absl::string_view name);

// Files in memory, ready for WriteFileAtomically or a data: URI. InvalidArgument for an empty image
// or one whose pixel count does not fit its size.
//
// Example:
//   auto photo = nbits::ReadImage("photo.jpg");
//   if (!photo.ok()) return photo.status();
//   auto png = nbits::EncodePng(nbits::ResizeImage(*photo, 64, 48));
//   if (!png.ok()) return png.status();
//   std::ofstream("small.png", std::ios::binary) << *png;
absl::StatusOr<std::string> EncodePng(const Image& image);
// Quality as libjpeg counts it: 1..100, values beyond are taken as the nearest.
absl::StatusOr<std::string> EncodeJpeg(const Image& image, int quality = 88);
// Palette PNG: pixel value = class id, `colors` as many as there are palette entries (1..256); ids
// beyond are InvalidArgument.
absl::StatusOr<std::string> EncodePalettePng(const ClassMap& map, const std::vector<Color>& colors);
// 8-bit grey PNG whose pixel values are the class ids. Errors as EncodePng's.
absl::StatusOr<std::string> EncodeMaskPng(const ClassMap& map);

// "data:TYPE;base64,..." of file contents (RFC 2397).
std::string DataUri(absl::string_view media_type, absl::string_view bytes);

// Scales to width x height (1 or more each; the aspect ratio is not kept). Triangle filter
// whose support grows with the reduction, so that shrinking averages instead of skipping; centres
// of corner pixels are half a pixel inside (the convention of Pillow's BILINEAR).
Image ResizeImage(const Image& image, int width, int height);

// The picture as input `feature` (kImage) takes it: scaled to the feature's shape, [3, H, W] in its
// own channel order or [1, H, W] (grey by ITU-R BT.601 luma), values 0..255. InvalidArgument when
// the feature is not an image or has no fixed size.
absl::StatusOr<Tensor> ImageToTensor(const Image& image, const FeatureDescription& feature);
// The same, at `height` x `width` in place of the feature's default size.
absl::StatusOr<Tensor> ImageToTensor(const Image& image, ImageColor color, int height, int width);

// The other way, for image outputs: [3, H, W] in channel order `color`, or [1, H, W] or [H, W];
// further axes of extent 1 are ignored, wherever they stand. Values are rounded and clamped to
// 0..255 (NaN gives 0). InvalidArgument for any other shape, or values that are not as many as it
// says.
absl::StatusOr<Image> TensorToImage(const Tensor& tensor, ImageColor color = ImageColor::kRgb);

// A folder's pictures, as `nbits compare --images` takes them.
struct ImageListing {
  std::vector<std::string> files;  // Names within the folder, sorted by their bytes.
  std::vector<std::pair<std::string, std::string>> skipped;  // Name and reason, sorted.
};
// Regular files that begin as JPEG or PNG do; not recursive, names beginning with '.' are left out
// silently. NotFound or InvalidArgument when `folder` is not a readable folder.
absl::StatusOr<ImageListing> ListImages(const std::string& folder);

}  // namespace nbits

#endif  // NBITS_IMAGE_H_

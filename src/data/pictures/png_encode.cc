// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include <csetjmp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "data/pictures/codec.h"

namespace nbits {
namespace {

// As in png_decode.cc: what lives across a longjmp is here.
struct PngEncoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string bytes;
  char message[160] = "";

  PngEncoder() = default;
  PngEncoder(const PngEncoder&) = delete;
  PngEncoder& operator=(const PngEncoder&) = delete;
  ~PngEncoder() { png_destroy_write_struct(&png, &info); }
};

[[noreturn]] void OnWriteError(png_structp png, png_const_charp message) {
  auto* encoder = static_cast<PngEncoder*>(png_get_error_ptr(png));
  std::snprintf(encoder->message, sizeof(encoder->message), "%s", message);
  png_longjmp(png, 1);
}

void OnWriteWarning(png_structp, png_const_charp) {}

void AppendBytes(png_structp png, png_bytep data, size_t size) {
  auto* encoder = static_cast<PngEncoder*>(png_get_io_ptr(png));
  encoder->bytes.append(reinterpret_cast<const char*>(data), size);
}

void Flush(png_structp) {}

// What is written: 8-bit samples of `color_type`, with a palette where that asks for one.
struct Raster {
  int width, height, color_type, channels;
  const uint8_t* pixels;
  const png_color* palette;
  int palette_size;
};

bool Write(PngEncoder& encoder, const Raster& raster) {
  encoder.png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder, OnWriteError, OnWriteWarning);
  if (encoder.png == nullptr) return false;
  if (setjmp(png_jmpbuf(encoder.png))) return false;
  encoder.info = png_create_info_struct(encoder.png);
  if (encoder.info == nullptr) return false;
  png_set_write_fn(encoder.png, &encoder, AppendBytes, Flush);
  png_set_IHDR(encoder.png, encoder.info, static_cast<png_uint_32>(raster.width),
               static_cast<png_uint_32>(raster.height), 8, raster.color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (raster.palette != nullptr) {
    png_set_PLTE(encoder.png, encoder.info, raster.palette, raster.palette_size);
  }
  png_write_info(encoder.png, encoder.info);
  const size_t row_bytes = static_cast<size_t>(raster.width) * raster.channels;
  for (int y = 0; y < raster.height; ++y) {
    png_write_row(encoder.png, raster.pixels + static_cast<size_t>(y) * row_bytes);
  }
  png_write_end(encoder.png, encoder.info);
  return true;
}

absl::StatusOr<std::string> Encode(const Raster& raster, size_t pixels) {
  NBITS_RETURN_IF_ERROR(CheckImageSize(raster.width, raster.height, raster.channels));
  if (pixels != size_t{1} * raster.width * raster.height * raster.channels) {
    return absl::InvalidArgumentError("the picture's pixels do not fit its size");
  }
  PngEncoder encoder;
  if (!Write(encoder, raster)) {
    return absl::InternalError(absl::StrCat("cannot make a PNG: ", encoder.message));
  }
  return std::move(encoder.bytes);
}

}  // namespace

absl::StatusOr<std::string> EncodePng(const Image& image) {
  const int type = image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
  return Encode({image.width, image.height, type, image.channels, image.pixels.data(), nullptr, 0},
                image.pixels.size());
}

absl::StatusOr<std::string> EncodePalettePng(const ClassMap& map,
                                             const std::vector<Color>& colors) {
  if (colors.empty() || colors.size() > 256) {
    return absl::InvalidArgumentError("a palette has 1 to 256 colours");
  }
  for (const uint8_t id : map.ids) {
    if (id < colors.size()) continue;
    return absl::InvalidArgumentError(absl::StrCat("class ", id, " has no colour"));
  }
  std::vector<png_color> palette;
  for (const Color& color : colors) palette.push_back({color.red, color.green, color.blue});
  return Encode({map.width, map.height, PNG_COLOR_TYPE_PALETTE, 1, map.ids.data(), palette.data(),
                 static_cast<int>(palette.size())},
                map.ids.size());
}

absl::StatusOr<std::string> EncodeMaskPng(const ClassMap& map) {
  return Encode({map.width, map.height, PNG_COLOR_TYPE_GRAY, 1, map.ids.data(), nullptr, 0},
                map.ids.size());
}

}  // namespace nbits

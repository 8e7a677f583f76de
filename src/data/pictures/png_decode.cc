// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "data/pictures/codec.h"
#include "data/pictures/exif.h"
#include "data/pictures/picture_builder.h"

namespace nbits {
namespace {

// libpng leaves errors by longjmp. All that lives across a jump is in this struct, and the
// functions that set a jump target hold no object with a destructor.
struct PngDecoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  absl::string_view rest;
  char message[160] = "";

  PngDecoder() = default;
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;
  ~PngDecoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void OnReadError(png_structp png, png_const_charp message) {
  auto* decoder = static_cast<PngDecoder*>(png_get_error_ptr(png));
  std::snprintf(decoder->message, sizeof(decoder->message), "%s", message);
  png_longjmp(png, 1);
}

// Warnings are about chunks that change no pixel (profiles, text).
void OnReadWarning(png_structp, png_const_charp) {}

void ReadBytes(png_structp png, png_bytep out, size_t size) {
  auto* decoder = static_cast<PngDecoder*>(png_get_io_ptr(png));
  if (size > decoder->rest.size()) png_error(png, "the file ends early");
  std::memcpy(out, decoder->rest.data(), size);
  decoder->rest.remove_prefix(size);
}

bool ReadHeader(PngDecoder& decoder) {
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, OnReadError, OnReadWarning);
  if (decoder.png == nullptr) return false;
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  decoder.info = png_create_info_struct(decoder.png);
  if (decoder.info == nullptr) return false;
  png_set_read_fn(decoder.png, &decoder, ReadBytes);
  png_read_info(decoder.png, decoder.info);
  return true;
}

// Asks for 8-bit grey, grey + alpha, RGB or RGBA; with `values`, palette indices and small grey
// values stay as they are.
bool AskForBytes(PngDecoder& decoder, bool values) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  const bool palette = png_get_color_type(decoder.png, decoder.info) == PNG_COLOR_TYPE_PALETTE;
  const bool grey = png_get_color_type(decoder.png, decoder.info) == PNG_COLOR_TYPE_GRAY;
  if (values && (palette || grey)) {
    png_set_packing(decoder.png);
  } else {
    png_set_expand(decoder.png);
  }
  png_set_scale_16(decoder.png);
  png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return true;
}

bool ReadRow(PngDecoder& decoder, png_bytep row) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_read_row(decoder.png, row, nullptr);
  return true;
}

// Interlaced files say of each row a little at a time: all of them at once.
bool ReadImageRows(PngDecoder& decoder, png_bytepp rows) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_read_image(decoder.png, rows);
  return true;
}

bool ReadEnd(PngDecoder& decoder) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_read_end(decoder.png, decoder.info);
  return true;
}

bool ReadInterlaced(PngDecoder& decoder, size_t row_bytes, int64_t height,
                    PictureBuilder& builder) {
  std::vector<uint8_t> pixels(row_bytes * height);
  std::vector<png_bytep> rows(static_cast<size_t>(height));
  for (size_t y = 0; y < rows.size(); ++y) rows[y] = pixels.data() + y * row_bytes;
  if (!ReadImageRows(decoder, rows.data())) return false;
  for (const png_bytep row : rows) builder.Add(row);
  return true;
}

bool ReadPlain(PngDecoder& decoder, size_t row_bytes, int64_t height, PictureBuilder& builder) {
  std::vector<uint8_t> row(row_bytes);
  for (int64_t y = 0; y < height; ++y) {
    if (!ReadRow(decoder, row.data())) return false;
    builder.Add(row.data());
  }
  return true;
}

int Orientation(const PngDecoder& decoder) {
  png_bytep data = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(decoder.png, decoder.info, &size, &data) == 0 || data == nullptr) return 1;
  return ExifOrientation({reinterpret_cast<const char*>(data), size});
}

absl::Status Failure(const PngDecoder& decoder) {
  return absl::InvalidArgumentError(absl::StrCat("damaged PNG: ", decoder.message));
}

absl::StatusOr<DecodedImage> ReadPixels(PngDecoder& decoder, int orientation,
                                        const SizeChooser& choose) {
  const int64_t width = png_get_image_width(decoder.png, decoder.info);
  const int64_t height = png_get_image_height(decoder.png, decoder.info);
  const int channels = png_get_channels(decoder.png, decoder.info);
  const size_t row_bytes = png_get_rowbytes(decoder.png, decoder.info);
  if (row_bytes != static_cast<size_t>(width) * channels) {
    return absl::InvalidArgumentError("PNG of a kind that is not supported");
  }
  NBITS_ASSIGN_OR_RETURN(const auto builder,
                         PictureBuilder::Create({static_cast<int>(width), static_cast<int>(height)},
                                                channels, orientation, choose));
  const bool interlaced = png_get_interlace_type(decoder.png, decoder.info) != PNG_INTERLACE_NONE;
  if (interlaced) {
    const int64_t bytes = (static_cast<int64_t>(row_bytes) + int64_t{sizeof(png_bytep)}) * height;
    NBITS_RETURN_IF_ERROR(CheckPictureMemory(bytes, "an interlaced PNG picture",
                                             {static_cast<int>(width), static_cast<int>(height)}));
  }
  const auto read = interlaced ? ReadInterlaced : ReadPlain;
  if (!read(decoder, row_bytes, height, *builder) || !ReadEnd(decoder)) return Failure(decoder);
  return builder->Finish();
}

// `orientation`: nothing: as the file says in front of its pixels.
absl::StatusOr<DecodedImage> Decode(absl::string_view bytes, bool values,
                                    std::optional<int> orientation, const SizeChooser& choose) {
  PngDecoder decoder;
  decoder.rest = bytes;
  if (!ReadHeader(decoder)) return Failure(decoder);
  const int64_t width = png_get_image_width(decoder.png, decoder.info);
  const int64_t height = png_get_image_height(decoder.png, decoder.info);
  NBITS_RETURN_IF_ERROR(CheckImageSize(width, height, 1));
  if (!AskForBytes(decoder, values)) return Failure(decoder);
  const int turned = orientation ? *orientation : Orientation(decoder);
  auto decoded = ReadPixels(decoder, turned, choose);
  if (!decoded.ok() || orientation || Orientation(decoder) == turned) return decoded;
  // It may stand behind the pixels too: once more, knowing it.
  return Decode(bytes, values, Orientation(decoder), choose);
}

}  // namespace

absl::StatusOr<DecodedImage> DecodePng(absl::string_view bytes, const SizeChooser& choose) {
  return Decode(bytes, false, std::nullopt, choose);
}

absl::StatusOr<Image> DecodePngValues(absl::string_view bytes) {
  const SizeChooser own = [](ImageSize size) { return size; };
  NBITS_ASSIGN_OR_RETURN(DecodedImage decoded, Decode(bytes, true, std::nullopt, own));
  return std::move(decoded.image);
}

}  // namespace nbits

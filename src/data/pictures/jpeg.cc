// SPDX-License-Identifier: Apache-2.0
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
// jpeglib.h needs size_t and FILE to be declared before it.
#include <jpeglib.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "data/pictures/codec.h"
#include "data/pictures/exif.h"
#include "data/pictures/picture_builder.h"

namespace nbits {
namespace {

// A progressive file may hold any number of scans over all pixels in a few bytes each.
constexpr int kMaxScans = 200;
constexpr absl::string_view kExifMark{"Exif\0\0", 6};

// libjpeg reports errors by calling a function that must not return: ours jumps out. Everything
// that lives across the jump is in these structs, so that no destructor is skipped.
struct ErrorManager {
  jpeg_error_mgr base;  // First: libjpeg hands out a pointer to it.
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void JumpOut(j_common_ptr codec) {
  auto* errors = reinterpret_cast<ErrorManager*>(codec->err);
  errors->base.format_message(codec, errors->message);
  std::longjmp(errors->escape, 1);
}

// Warnings (level -1) mean damaged data, of which libjpeg makes grey areas: treat them as errors,
// except for extra bytes between markers, which hurt nothing.
void OnMessage(j_common_ptr codec, int level) {
  if (level >= 0) return;
  auto* errors = reinterpret_cast<ErrorManager*>(codec->err);
  errors->base.format_message(codec, errors->message);
  if (std::strstr(errors->message, "extraneous bytes") != nullptr) return;
  std::longjmp(errors->escape, 1);
}

void OnProgress(j_common_ptr codec) {
  auto* decoder = reinterpret_cast<j_decompress_ptr>(codec);
  if (decoder->input_scan_number <= kMaxScans) return;
  auto* errors = reinterpret_cast<ErrorManager*>(codec->err);
  std::snprintf(errors->message, sizeof(errors->message), "more than %d scans", kMaxScans);
  std::longjmp(errors->escape, 1);
}

void SetUp(ErrorManager& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = JumpOut;
  errors.base.emit_message = OnMessage;
  errors.message[0] = '\0';
}

struct JpegDecoder {
  jpeg_decompress_struct codec = {};
  ErrorManager errors = {};
  jpeg_progress_mgr progress = {};

  JpegDecoder() {
    codec.err = &errors.base;
    SetUp(errors);
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { jpeg_destroy_decompress(&codec); }
};

// Each of the two steps has its own jump target and no object with a destructor.
bool ReadHeader(JpegDecoder& decoder, const unsigned char* bytes, size_t size) {
  if (setjmp(decoder.errors.escape)) return false;
  jpeg_create_decompress(&decoder.codec);
  decoder.progress.progress_monitor = OnProgress;
  decoder.codec.progress = &decoder.progress;
  jpeg_mem_src(&decoder.codec, bytes, size);
  jpeg_save_markers(&decoder.codec, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&decoder.codec, TRUE);
  const bool four = decoder.codec.num_components == 4;
  const bool grey = decoder.codec.num_components == 1;
  decoder.codec.out_color_space = four ? JCS_CMYK : grey ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_calc_output_dimensions(&decoder.codec);
  return true;
}

bool StartRows(JpegDecoder& decoder) {
  if (setjmp(decoder.errors.escape)) return false;
  jpeg_start_decompress(&decoder.codec);
  return true;
}

bool ReadRow(JpegDecoder& decoder, unsigned char* row) {
  if (setjmp(decoder.errors.escape)) return false;
  while (jpeg_read_scanlines(&decoder.codec, &row, 1) == 0) {
  }
  return true;
}

bool FinishRows(JpegDecoder& decoder) {
  if (setjmp(decoder.errors.escape)) return false;
  jpeg_finish_decompress(&decoder.codec);
  return true;
}

absl::Status Failure(const ErrorManager& errors) {
  return absl::InvalidArgumentError(absl::StrCat("damaged JPEG: ", errors.message));
}

// In place. Adobe's programs store CMYK inverted (255 = no ink) and mark it; others store it
// plainly.
void RgbFromCmyk(std::vector<uint8_t>& row, bool inverted) {
  const int flip = inverted ? 0 : 255;
  for (size_t i = 0; i < row.size() / 4; ++i) {
    const int black = row[4 * i + 3] ^ flip;
    for (size_t c = 0; c < 3; ++c) {
      row[3 * i + c] = static_cast<uint8_t>(((row[4 * i + c] ^ flip) * black + 127) / 255);
    }
  }
}

bool ReadPixels(JpegDecoder& decoder, PictureBuilder& builder) {
  if (!StartRows(decoder)) return false;
  const auto& codec = decoder.codec;
  std::vector<uint8_t> row(static_cast<size_t>(codec.output_width) * codec.out_color_components);
  for (unsigned y = 0; y < codec.output_height; ++y) {
    if (!ReadRow(decoder, row.data())) return false;
    if (codec.out_color_components == 4) RgbFromCmyk(row, codec.saw_Adobe_marker);
    builder.Add(row.data());
  }
  return FinishRows(decoder);
}

// What libjpeg keeps of a file whose pixels come in several scans: all coefficients.
int64_t CoefficientBytes(j_decompress_ptr codec) {
  if (!jpeg_has_multiple_scans(codec)) return 0;
  int64_t blocks = 0;
  for (int i = 0; i < codec->num_components; ++i) {
    const jpeg_component_info& component = codec->comp_info[i];
    blocks += int64_t{component.width_in_blocks} * component.height_in_blocks;
  }
  return blocks * int64_t{sizeof(JBLOCK)};
}

int Orientation(const jpeg_decompress_struct& codec) {
  for (auto* marker = codec.marker_list; marker != nullptr; marker = marker->next) {
    const absl::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.substr(0, kExifMark.size()) != kExifMark) continue;
    return ExifOrientation(data.substr(kExifMark.size()));
  }
  return 1;
}

struct JpegEncoder {
  jpeg_compress_struct codec = {};
  ErrorManager errors = {};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  JpegEncoder() {
    codec.err = &errors.base;
    SetUp(errors);
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder() {
    jpeg_destroy_compress(&codec);
    std::free(bytes);
  }
};

bool WriteRows(JpegEncoder& encoder, const Image& image, int quality) {
  if (setjmp(encoder.errors.escape)) return false;
  jpeg_create_compress(&encoder.codec);
  jpeg_mem_dest(&encoder.codec, &encoder.bytes, &encoder.size);
  encoder.codec.image_width = static_cast<JDIMENSION>(image.width);
  encoder.codec.image_height = static_cast<JDIMENSION>(image.height);
  encoder.codec.input_components = image.channels;
  encoder.codec.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder.codec);
  jpeg_set_quality(&encoder.codec, quality, TRUE);
  jpeg_start_compress(&encoder.codec, TRUE);
  const size_t row_bytes = static_cast<size_t>(image.width) * image.channels;
  while (encoder.codec.next_scanline < encoder.codec.image_height) {
    JSAMPROW row =
        const_cast<JSAMPROW>(image.pixels.data()) + encoder.codec.next_scanline * row_bytes;
    jpeg_write_scanlines(&encoder.codec, &row, 1);
  }
  jpeg_finish_compress(&encoder.codec);
  return true;
}

}  // namespace

absl::StatusOr<DecodedImage> DecodeJpeg(absl::string_view bytes, const SizeChooser& choose) {
  JpegDecoder decoder;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (!ReadHeader(decoder, data, bytes.size())) return Failure(decoder.errors);
  const int components = decoder.codec.out_color_components;
  const int channels = components == 4 ? 3 : components;
  const int64_t width = decoder.codec.output_width, height = decoder.codec.output_height;
  NBITS_RETURN_IF_ERROR(CheckImageSize(width, height, channels));
  const ImageSize size{static_cast<int>(width), static_cast<int>(height)};
  NBITS_RETURN_IF_ERROR(
      CheckPictureMemory(CoefficientBytes(&decoder.codec), "a progressive JPEG picture", size));
  const int orientation = Orientation(decoder.codec);  // The markers do not outlive the rows.
  NBITS_ASSIGN_OR_RETURN(const auto builder,
                         PictureBuilder::Create(size, channels, orientation, choose));
  if (!ReadPixels(decoder, *builder)) return Failure(decoder.errors);
  return builder->Finish();
}

absl::StatusOr<std::string> EncodeJpeg(const Image& image, int quality) {
  NBITS_RETURN_IF_ERROR(CheckImageSize(image.width, image.height, image.channels));
  if (image.pixels.size() != size_t{1} * image.width * image.height * image.channels) {
    return absl::InvalidArgumentError("the picture's pixels do not fit its size");
  }
  JpegEncoder encoder;
  if (!WriteRows(encoder, image, quality)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot make a JPEG: ", encoder.errors.message));
  }
  return std::string(reinterpret_cast<const char*>(encoder.bytes), encoder.size);
}

}  // namespace nbits

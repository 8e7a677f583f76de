// SPDX-License-Identifier: Apache-2.0
// Any bytes as a PNG picture and as a mask of class ids.
#include "fuzz/fuzz.h"
#include "fuzz/picture.h"
#include "nbits/class_map.h"
#include "nbits/image.h"

namespace {

// Width and height stand at bytes 16 and 20.
bool IsSmall(const uint8_t* data, size_t size) {
  using nbits::fuzz::BigEndian;
  if (size < 24) return true;
  const uint64_t width = BigEndian(data + 16, 4), height = BigEndian(data + 20, 4);
  return width == 0 || height <= nbits::fuzz::kMostPixels / width;
}

void CheckMask(const absl::StatusOr<nbits::ClassMap>& mask) {
  if (!mask.ok()) return;
  nbits::fuzz::Require(mask->ids.size() == uint64_t{1} * mask->width * mask->height);
  const auto png = nbits::EncodeMaskPng(*mask);
  nbits::fuzz::Require(png.ok());
  const auto again = nbits::DecodeMask(*png, "fuzz");
  nbits::fuzz::Require(again.ok() && again->ids == mask->ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (!IsSmall(data, size)) return 0;
  const absl::string_view bytes = nbits::fuzz::Text(data, size);
  nbits::fuzz::CheckPicture(nbits::DecodeImage(bytes, "fuzz"));
  CheckMask(nbits::DecodeMask(bytes, "fuzz"));
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Any bytes as a JPEG picture, EXIF data included.
#include "fuzz/fuzz.h"
#include "fuzz/picture.h"
#include "nbits/image.h"

namespace {

using nbits::fuzz::BigEndian;

// Whether the marker begins a frame header (ITU-T T.81, table B.1): C0 to CF but for DHT, JPG, DAC.
bool IsFrame(uint8_t marker) {
  return (marker & 0xf0) == 0xc0 && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// Looks at everything that may be a frame header: marker, length, precision, height, width.
bool IsSmall(const uint8_t* data, size_t size) {
  for (size_t at = 0; at + 9 <= size; ++at) {
    if (data[at] != 0xff || !IsFrame(data[at + 1])) continue;
    const uint64_t height = BigEndian(data + at + 5, 2), width = BigEndian(data + at + 7, 2);
    if (height * width > nbits::fuzz::kMostPixels) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (!IsSmall(data, size)) return 0;
  nbits::fuzz::CheckPicture(nbits::DecodeImage(nbits::fuzz::Text(data, size), "fuzz"));
  return 0;
}

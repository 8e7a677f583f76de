// SPDX-License-Identifier: Apache-2.0
// Any bytes as the TIFF structure of EXIF data.
#include "data/pictures/exif.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int orientation = nbits::ExifOrientation(nbits::fuzz::Text(data, size));
  nbits::fuzz::Require(orientation >= 1 && orientation <= 8);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The one fact of EXIF data that changes pixels: how the camera was held.
#ifndef NBITS_DATA_PICTURES_EXIF_H_
#define NBITS_DATA_PICTURES_EXIF_H_

#include "absl/strings/string_view.h"
#include "nbits/image.h"

namespace nbits {

// Orientation 1..8 from the first directory of a TIFF structure (what follows "Exif\0\0" in JPEG's
// APP1, the whole of PNG's eXIf); 1 when it has none or is malformed. Source: Exif 2.3, tag 0x0112.
int ExifOrientation(absl::string_view tiff);

// The picture as it is to be seen. Orientations 5..8 swap width and height.
Image ApplyOrientation(Image image, int orientation);

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_EXIF_H_

// SPDX-License-Identifier: Apache-2.0
// From a file's rows to the picture as it is to be seen, in the size that is wanted of it.
#ifndef NBITS_DATA_PICTURES_PICTURE_BUILDER_H_
#define NBITS_DATA_PICTURES_PICTURE_BUILDER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "data/pictures/codec.h"
#include "data/pictures/row_scaler.h"
#include "nbits/image.h"

namespace nbits {

// Large pictures are scaled row by row, so that they are never in memory as a whole. So are those
// that stand upright in their file; others of up to 16 million pixels are turned before they are
// scaled, which rounds in another place.
class PictureBuilder {
 public:
  // A file of `stored` pixels, of 1 to 4 channels (even: the last one is opacity, and the picture
  // is laid over white). Errors: those of `choose`.
  static absl::StatusOr<std::unique_ptr<PictureBuilder>> Create(ImageSize stored, int channels,
                                                                int orientation,
                                                                const SizeChooser& choose);
  PictureBuilder(const PictureBuilder&) = delete;
  PictureBuilder& operator=(const PictureBuilder&) = delete;

  // The next row, from the top.
  void Add(const uint8_t* row);
  DecodedImage Finish();

 private:
  PictureBuilder() = default;
  void AddOpaque(const uint8_t* row);

  ImageSize own_, wanted_;  // As it is to be seen.
  int stored_width_ = 0, file_channels_ = 1, orientation_ = 1;
  std::vector<uint8_t> opaque_row_;
  std::optional<RowScaler> scaler_;  // None: rows are kept as they are.
  Image image_;
};

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_PICTURE_BUILDER_H_

// SPDX-License-Identifier: Apache-2.0
// What a file is that is none of those that are read here.
#ifndef NBITS_DATA_PICTURES_FOREIGN_FORMAT_H_
#define NBITS_DATA_PICTURES_FOREIGN_FORMAT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace nbits {

// So many bytes of a file's start are enough to tell.
inline constexpr size_t kForeignFormatBytes = 64;

// "a HEIC picture; convert it to JPEG first (...)", by the first bytes; what the formats' own
// descriptions call their signatures. Empty for a file that is not known.
std::string NameForeignFormat(absl::string_view bytes);

// Why a file is no picture: NameForeignFormat's text, or that it is neither a JPEG nor a PNG
// picture (nor a .npy array, where `or_array`).
std::string WhyNoPicture(absl::string_view bytes, bool or_array = false);

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_FOREIGN_FORMAT_H_

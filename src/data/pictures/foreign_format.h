// SPDX-License-Identifier: Apache-2.0
// What a file is that is none of those that are read here.
#ifndef NBITS_DATA_PICTURES_FOREIGN_FORMAT_H_
#define NBITS_DATA_PICTURES_FOREIGN_FORMAT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/files/file_kind.h"

namespace nbits {

// "a HEIC picture; convert it to JPEG first (...)", by the first bytes, of which kTellingBytes are
// enough. Empty for a file that is not known.
std::string NameForeignFormat(absl::string_view bytes);

// Why a file is no picture: NameForeignFormat's text, or that it is neither a JPEG nor a PNG
// picture (nor a .npy array, where `or_array`).
std::string WhyNoPicture(absl::string_view bytes, bool or_array = false);

}  // namespace nbits

#endif  // NBITS_DATA_PICTURES_FOREIGN_FORMAT_H_

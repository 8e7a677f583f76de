// SPDX-License-Identifier: Apache-2.0
// What a file is by its first bytes: the one table behind what is said of files that are not what
// was expected.
#ifndef NBITS_BASE_FILES_FILE_KIND_H_
#define NBITS_BASE_FILES_FILE_KIND_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace nbits {

enum class FileFamily : uint8_t {
  kReadPicture,  // PNG, JPEG.
  kPicture,      // Other pictures, which ImageMagick converts.
  kHeif,         // Those of telephones, which it often does not.
  kRawPicture,   // A camera's, to be developed.
  kDrawing,      // Vectors: PDF, SVG.
  kVideo,
  kArray,  // .npy.
  kZip,
  kArchive,  // Others; of some a single compressed file.
  kLfsPointer,
  kAnnexPointer,
  kOtherModel,  // Of another framework.
  kHdf5,        // Of models and of arrays.
  kPage,        // HTML.
};

struct KnownFile {
  absl::string_view name;  // With its article: "a HEIC picture".
  FileFamily family;
};

// So many bytes of a file's start are enough to tell.
inline constexpr size_t kTellingBytes = 512;

// Nothing for a file that is not known. An archive is one whatever it holds.
std::optional<KnownFile> KnownFileOf(absl::string_view start);

}  // namespace nbits

#endif  // NBITS_BASE_FILES_FILE_KIND_H_

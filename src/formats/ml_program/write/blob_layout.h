// SPDX-License-Identifier: Apache-2.0
// Weight files that are to be written.
#ifndef NBITS_FORMATS_ML_PROGRAM_WRITE_BLOB_LAYOUT_H_
#define NBITS_FORMATS_ML_PROGRAM_WRITE_BLOB_LAYOUT_H_

#include <array>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "formats/ml_program/blobs/blob_file.h"
#include "formats/ml_program/write/encode.h"

namespace nbits {

inline constexpr uint64_t kNoPlace = std::numeric_limits<uint64_t>::max();

// A blob of the file that is to be written, old or new.
struct PlannedBlob {
  uint64_t order = kNoPlace;  // The old place that it stands for.
  bool is_new = false;
  Blob old;  // With its record.
  ByteSpan old_record;
  NewBlob fresh;
  uint64_t place = 0;

  ByteSpan bytes() const { return is_new ? fresh.bytes : old.bytes; }
};

// Gives all blobs of a file places, in the order of the places that they stand for.
void GivePlaces(std::vector<PlannedBlob>& blobs);

// A weight file that is to be written.
struct BlobFileOutput {
  struct Entry {
    std::array<std::byte, kBlobAlignment> record;
    uint64_t place = 0;  // Of the record; the bytes follow it.
    ByteSpan bytes;
    std::shared_ptr<const void> owner;
  };
  std::vector<Entry> entries;
  uint64_t size = 0;

  // InvalidArgument and the like with the path.
  absl::Status Write(const std::string& path) const;
};

// Of blobs that have places.
BlobFileOutput MakeBlobFile(std::vector<PlannedBlob> blobs);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_WRITE_BLOB_LAYOUT_H_

// SPDX-License-Identifier: Apache-2.0
// What a model with changed ML Programs is as files: the model's message, and the weight files that
// are written anew. A weight file of which nothing was replaced stays as it is; in others the blobs
// that are still read stand in their old order, new ones in the place of those they replace.
#ifndef NBITS_COREML_PROGRAM_SAVE_H_
#define NBITS_COREML_PROGRAM_SAVE_H_

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coreml/model_impl.h"

namespace nbits {

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

struct ProgramOutput {
  std::string model;                            // The bytes of the model's file.
  std::map<std::string, BlobFileOutput> files;  // By place below the model's folder.
  int64_t kept_bytes = 0;                       // Of the weight files that stay.

  int64_t size() const;
};

// For a model with program_edits. ResourceExhausted.
absl::StatusOr<ProgramOutput> MakeProgramOutput(const Model::Impl& impl);

}  // namespace nbits

#endif  // NBITS_COREML_PROGRAM_SAVE_H_

// SPDX-License-Identifier: Apache-2.0
// What a model with changed ML Programs is as files: the model's message, and the weight files that
// are written anew. A weight file of which nothing was replaced stays as it is; in others the blobs
// that are still read stand in their old order, new ones in the place of those they replace.
#ifndef NBITS_FORMATS_ML_PROGRAM_WRITE_SAVE_H_
#define NBITS_FORMATS_ML_PROGRAM_WRITE_SAVE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "formats/ml_program/write/blob_layout.h"
#include "formats/neural_network/model_impl.h"

namespace nbits {

struct ProgramOutput {
  std::string model;                            // The bytes of the model's file.
  std::map<std::string, BlobFileOutput> files;  // By place below the model's folder.
  int64_t kept_bytes = 0;                       // Of the weight files that stay.

  int64_t size() const;
};

// For a model with program_edits. ResourceExhausted.
absl::StatusOr<ProgramOutput> MakeProgramOutput(const Model::Impl& impl);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_WRITE_SAVE_H_

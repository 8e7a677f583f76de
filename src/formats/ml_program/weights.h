// SPDX-License-Identifier: Apache-2.0
// The weights of ML Programs: constants of floats with at least one axis, however they are stored.
// What only other constants read (a table, a scale) is a part of these.
#ifndef NBITS_FORMATS_ML_PROGRAM_WEIGHTS_H_
#define NBITS_FORMATS_ML_PROGRAM_WEIGHTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "formats/ml_program/blobs/blob_file.h"
#include "formats/ml_program/program.h"
#include "formats/neural_network/networks.h"
#include "nbits/model.h"

namespace nbits {

// A program in the file, outer models before those within.
struct ProgramEntry {
  std::string path;  // "", "models[1]/".
  const schema::Model* model = nullptr;
  WireNode* node = nullptr;  // kModel.
};
std::vector<ProgramEntry> ListPrograms(const schema::Model& skeleton, const WireNode& root);

// Which operation of which program a weight is.
struct ProgramPlace {
  WireNode* node = nullptr;    // Of the model that the program stands in.
  std::string function, name;  // The operation's first output.
  const schema::mil::Operation* operation = nullptr;
  schema::mil::DataType type = schema::mil::FLOAT32;  // Of the values.
  int version = 0;                                    // The model's specification version.
};

struct ProgramWeights {
  std::vector<WeightRef> weights;
  std::vector<ProgramPlace> places;  // One for each.
};

// Appends the weights of one program. InvalidArgument and NotFound name function and operation.
absl::Status CollectProgramWeights(const ProgramEntry& entry, BlobStore& blobs,
                                   ProgramWeights& collected);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_WEIGHTS_H_

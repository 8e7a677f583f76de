// SPDX-License-Identifier: Apache-2.0
// Where a program's values stand in weight files.
#ifndef NBITS_FORMATS_ML_PROGRAM_BLOBS_BLOB_NAMES_H_
#define NBITS_FORMATS_ML_PROGRAM_BLOBS_BLOB_NAMES_H_

#include <set>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "proto/mil.pb.h"

namespace nbits {

// Calls `visit` with every value of the operation that stands in a weight file, but for those of
// the operations within it.
void ForEachBlob(const schema::mil::Operation& operation,
                 absl::FunctionRef<void(const schema::mil::Value::BlobFileValue& blob)> visit);

// Adds the names of all weight files of the program ("@model_path/weights/weight.bin").
// InvalidArgument as FunctionsOf.
absl::Status AddBlobFiles(const schema::mil::Program& program, std::set<std::string>& names);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_BLOBS_BLOB_NAMES_H_

// SPDX-License-Identifier: Apache-2.0
// The element types of ML Programs.
//
// Source: DataType in proto/mil.proto; for the codes of weight files, the header BlobDataType of
// Core ML's public sources (MILBlob), which coremltools' writer agrees with.
#ifndef NBITS_FORMATS_ML_PROGRAM_BLOBS_DATA_TYPE_H_
#define NBITS_FORMATS_ML_PROGRAM_BLOBS_DATA_TYPE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "proto/mil.pb.h"

namespace nbits {

enum class NumberKind : uint8_t { kFloat, kSigned, kUnsigned, kText };

struct DataTypeFacts {
  schema::mil::DataType type;
  absl::string_view name;  // As operations' parameters spell it: "fp16", "int8", ...
  NumberKind kind;
  int bits;            // Of an element; 0 for text.
  uint32_t blob_code;  // In weight files; 0: none are stored there.
};

// Null for a number that is no type or one that no value can have.
const DataTypeFacts* FindDataType(schema::mil::DataType type);
const DataTypeFacts* FindDataType(absl::string_view name);
const DataTypeFacts* FindBlobType(uint32_t code);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_BLOBS_DATA_TYPE_H_

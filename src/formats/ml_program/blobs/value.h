// SPDX-License-Identifier: Apache-2.0
// Values that stand in an ML Program or in its weight files.
#ifndef NBITS_FORMATS_ML_PROGRAM_BLOBS_VALUE_H_
#define NBITS_FORMATS_ML_PROGRAM_BLOBS_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/ml_program/blobs/blob_file.h"
#include "nbits/tensor.h"
#include "proto/mil.pb.h"

namespace nbits {

inline absl::Status BadProgram(absl::string_view reason) {
  return absl::InvalidArgumentError(std::string(reason));
}

// A tensor. Numbers are little-endian, those below 8 bits a stream as in weight files; a value of
// rank 0 has one element.
struct ProgramValue {
  const DataTypeFacts* type = nullptr;
  Shape shape;
  int64_t count = 1;                  // Elements.
  ByteSpan bytes;                     // ceil(count * bits / 8); text has none.
  std::vector<std::string> texts;     // Text only.
  std::shared_ptr<const void> owner;  // Keeps `bytes` alive; null where the program does.
  const schema::mil::Value::BlobFileValue* blob = nullptr;  // Where it stands in a weight file.
};

// A type with all extents known, as {type, shape}. InvalidArgument for lists and the like, unknown
// element types, extents that are unknown or whose product passes 2^40.
struct TensorTypeOf {
  const DataTypeFacts* type = nullptr;
  Shape shape;
};
absl::StatusOr<TensorTypeOf> FixedType(const schema::mil::ValueType& type);

// A view of the value: the program and the weight files must outlive it, or `owner`.
// InvalidArgument when it is no tensor, or holds another type or number of elements than its type
// says; unused bits of a last byte must be what the weight file says of them. NotFound: the weight
// file is missing.
absl::StatusOr<ProgramValue> ReadValue(const schema::mil::Value& value, BlobStore& blobs);

// Element `index` as a number; exact but for 64-bit integers beyond 2^53.
double NumberAt(const ProgramValue& value, int64_t index);

// All numbers. InvalidArgument for text; ResourceExhausted.
absl::StatusOr<std::vector<float>> FloatsOf(const ProgramValue& value);
absl::StatusOr<std::vector<int64_t>> IntegersOf(const ProgramValue& value);

// A tensor or list of text or integers as text, such as the labels of a classifier.
absl::StatusOr<std::vector<std::string>> TextsOf(const schema::mil::Value& value, BlobStore& blobs);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_BLOBS_VALUE_H_

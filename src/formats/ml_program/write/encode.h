// SPDX-License-Identifier: Apache-2.0
// From a packed tensor to the operation that says it in an ML Program.
//
// Which operation, by the tensor's scheme and the model's specification version:
//   kFloat32, kFloat16      const; Float16 in a place of Float32: constexpr_cast
//   kLinear, kSignedLinear  up to 8: constexpr_affine_dequantize, bytes only;
//                           from 9 on: constexpr_blockwise_shift_scale, bytes and 4 bits
//   kLookupTable            constexpr_lut_to_dense: up to 8 of 1, 2, 4, 6 or 8 bits, from 9 on
//                           also of 3
// Numbers of the operation that are fewer than ten stand in the program, others in a weight file,
// as coremltools writes them.
#ifndef NBITS_FORMATS_ML_PROGRAM_WRITE_ENCODE_H_
#define NBITS_FORMATS_ML_PROGRAM_WRITE_ENCODE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "formats/ml_program/blobs/blob_file.h"
#include "nbits/packed_tensor.h"
#include "proto/mil.pb.h"

namespace nbits {

// The first specification version with constexpr operations (iOS16), and with those of iOS18.
inline constexpr int kConstexprVersion = 7, kBlockwiseVersion = 9;

struct NewBlob {
  const DataTypeFacts* type = nullptr;
  int64_t count = 0;  // Elements.
  ByteSpan bytes;
  std::shared_ptr<const void> owner;
};

struct EncodedWeight {
  schema::mil::Operation operation;  // Its blobs' offsets are indices into `blobs`.
  std::vector<NewBlob> blobs;
};

// What a reader makes of `tensor` once it is written for values of that type (FLOAT16 or FLOAT32):
// the least significant bit first, and plain values of the type. InvalidArgument for what the
// version has no operation for, grids without whole zero points within their codes, and scales and
// table entries that Float16 does not hold exactly where it has to. ResourceExhausted.
absl::StatusOr<PackedTensor> ProgramForm(const PackedTensor& tensor, schema::mil::DataType type,
                                         int version);

// `form` is what ProgramForm gave; `original` the operation whose place the result takes, with its
// output; `file` the name of the weight file, "" where all numbers are to stand in the program.
EncodedWeight EncodeWeight(const PackedTensor& form, const schema::mil::Operation& original,
                           schema::mil::DataType type, int version, const std::string& file);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_WRITE_ENCODE_H_

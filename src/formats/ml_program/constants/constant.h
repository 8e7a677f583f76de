// SPDX-License-Identifier: Apache-2.0
// Constants of an ML Program: `const` operations, and the `constexpr` ones that say how a constant
// is stored in fewer bits.
//
// Source: the definitions of the constexpr operations in coremltools 9.0 (opsets iOS16 and iOS18),
// whose arithmetic this follows; docs/layers.md names the operations.
#ifndef NBITS_FORMATS_ML_PROGRAM_CONSTANTS_CONSTANT_H_
#define NBITS_FORMATS_ML_PROGRAM_CONSTANTS_CONSTANT_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "formats/ml_program/blobs/value.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// A constant as it is stored. Where a form of PackedTensor holds it, `packed` is a view of the
// file: Float32 and Float16, tables of 1 to 8 bits for the whole tensor, grids with one scale or
// one a channel (of integers below 8 bits with a sign a copy: their codes are made unsigned). All
// other forms are decoded: Float16 where the program says so, else Float32.
// Arithmetic: grids that stay packed are scale * code + offset in Float32; decoded ones round as
// coremltools does, to the type of the scale.
struct ProgramConstant {
  ProgramValue value;  // Of a `const`; `value.type` is the element type of any constant.
  PackedTensor packed;
  bool is_packed = false;  // Whether `packed` is set; text and integers of a `const` have none.
};

// Finds the constant of that name, or null.
using ConstantFinder = std::function<const ProgramConstant*(const std::string& name)>;

// Whether the operation is a `const` or constexpr one.
bool IsConstant(const schema::mil::Operation& operation);

// What each output of such an operation holds. `find` knows the constants before it.
// InvalidArgument for parameters that are missing or contradict each other; errors of ReadValue;
// ResourceExhausted.
absl::StatusOr<std::vector<ProgramConstant>> ReadConstants(const schema::mil::Operation& operation,
                                                           BlobStore& blobs,
                                                           const ConstantFinder& find);

// Its values: packed ones decoded.
absl::StatusOr<std::vector<float>> FloatsOf(const ProgramConstant& constant);
absl::StatusOr<std::vector<int64_t>> IntegersOf(const ProgramConstant& constant);
const Shape& ShapeOf(const ProgramConstant& constant);

// A constant of floats, in the value's own bytes. The value is of type fp16 or fp32.
ProgramConstant FloatConstant(ProgramValue value);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_CONSTANTS_CONSTANT_H_

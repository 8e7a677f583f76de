// SPDX-License-Identifier: Apache-2.0
// The parameters of a constant operation, wherever they stand: opset iOS16 has them as attributes,
// iOS18 as inputs.
#ifndef NBITS_FORMATS_ML_PROGRAM_CONSTANTS_CONSTANT_ARGUMENTS_H_
#define NBITS_FORMATS_ML_PROGRAM_CONSTANTS_CONSTANT_ARGUMENTS_H_

#include <optional>
#include <string>

#include "formats/ml_program/constants/constant.h"

namespace nbits {

class ConstantArguments {
 public:
  ConstantArguments(const schema::mil::Operation& operation, BlobStore& blobs,
                    const ConstantFinder& find)
      : operation_(operation), blobs_(blobs), find_(find) {}

  bool Has(const std::string& name) const;
  // InvalidArgument, naming the parameter, when it is missing or no constant.
  absl::StatusOr<ProgramConstant> Get(const std::string& name) const;
  // The same for a plain value: the result of a constexpr operation is refused.
  absl::StatusOr<ProgramValue> GetPlain(const std::string& name) const;
  absl::StatusOr<std::vector<float>> GetFloats(const std::string& name) const;
  // One whole number; nullopt when the parameter is missing.
  absl::StatusOr<std::optional<int64_t>> GetInteger(const std::string& name) const;
  absl::StatusOr<Shape> GetShape(const std::string& name) const;

 private:
  absl::StatusOr<ProgramConstant> FromBinding(const schema::mil::Argument::Binding& binding) const;

  const schema::mil::Operation& operation_;
  BlobStore& blobs_;
  const ConstantFinder& find_;
};

// One importer of constants, a file each; each gives the operation's outputs.
using ConstantReader = absl::StatusOr<std::vector<ProgramConstant>> (*)(const ConstantArguments&);
absl::StatusOr<std::vector<ProgramConstant>> ReadAffine(const ConstantArguments& arguments);
absl::StatusOr<std::vector<ProgramConstant>> ReadShiftScale(const ConstantArguments& arguments);
absl::StatusOr<std::vector<ProgramConstant>> ReadTable(const ConstantArguments& arguments);
absl::StatusOr<std::vector<ProgramConstant>> ReadCast(const ConstantArguments& arguments);
absl::StatusOr<std::vector<ProgramConstant>> ReadSparse(const ConstantArguments& arguments);
absl::StatusOr<std::vector<ProgramConstant>> ReadSparseTable(const ConstantArguments& arguments);
absl::StatusOr<std::vector<ProgramConstant>> ReadSparseShiftScale(
    const ConstantArguments& arguments);

// ---- What they share ----------------------------------------------------------------------------

// `values` stored as the given type of floats (fp16 rounds); other types as fp32.
absl::StatusOr<ProgramConstant> StoreFloats(const std::vector<float>& values, Shape shape,
                                            const DataTypeFacts* type);

// Rounds to the type: fp16, or fp32, which changes nothing.
float RoundTo(const DataTypeFacts* type, float value);

// The place of an element in a coarser tensor of the same rank, each of whose elements stands for
// a block: extents of `fine` are multiples of those of `coarse`.
class BlockIndex {
 public:
  // InvalidArgument, naming `what`, when ranks differ or extents are no multiples.
  static absl::StatusOr<BlockIndex> Make(const Shape& fine, const Shape& coarse,
                                         absl::string_view what);
  int64_t At(int64_t element) const;

 private:
  Shape fine_, block_, coarse_;
};

// The elements that a mask of uint1 or of packed bytes keeps, in row-major order of `shape`.
absl::StatusOr<std::vector<int64_t>> KeptElements(const ProgramValue& mask, const Shape& shape);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_CONSTANTS_CONSTANT_ARGUMENTS_H_

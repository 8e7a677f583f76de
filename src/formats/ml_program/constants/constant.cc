// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/constants/constant.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "formats/ml_program/constants/constant_arguments.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

absl::StatusOr<std::vector<ProgramConstant>> ReadPlain(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(ProgramConstant constant, arguments.Get("val"));
  const mil::DataType type = constant.value.type->type;
  if (type == mil::FLOAT16 || type == mil::FLOAT32) {
    constant = FloatConstant(std::move(constant.value));
  }
  return std::vector<ProgramConstant>{std::move(constant)};
}

struct ConstantKind {
  absl::string_view name;
  ConstantReader read;
};
constexpr auto kConstantKinds = std::to_array<ConstantKind>({
    {"const", ReadPlain},
    {"constexpr_affine_dequantize", ReadAffine},
    {"constexpr_blockwise_shift_scale", ReadShiftScale},
    {"constexpr_cast", ReadCast},
    {"constexpr_lut_to_dense", ReadTable},
    {"constexpr_lut_to_sparse", ReadSparseTable},
    {"constexpr_sparse_blockwise_shift_scale", ReadSparseShiftScale},
    {"constexpr_sparse_to_dense", ReadSparse},
});

const ConstantKind* FindConstantKind(absl::string_view name) {
  const auto found = std::find_if(kConstantKinds.begin(), kConstantKinds.end(),
                                  [name](const ConstantKind& kind) { return kind.name == name; });
  return found == kConstantKinds.end() ? nullptr : &*found;
}

absl::Status CheckDeclared(const mil::NamedValueType& output, const ProgramConstant& constant) {
  const auto declared = FixedType(output.type());
  if (!declared.ok()) {
    return absl::Status(declared.status().code(), absl::StrCat("declares '", output.name(), "' as ",
                                                               declared.status().message()));
  }
  if (declared->type == constant.value.type && declared->shape == ShapeOf(constant)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("declares '", output.name(), "' of another type or shape than its value has"));
}

}  // namespace

bool IsConstant(const mil::Operation& operation) {
  return FindConstantKind(operation.type()) != nullptr;
}

absl::StatusOr<std::vector<ProgramConstant>> ReadConstants(const mil::Operation& operation,
                                                           BlobStore& blobs,
                                                           const ConstantFinder& find) {
  const ConstantKind* kind = FindConstantKind(operation.type());
  if (kind == nullptr) return absl::InternalError("no constant");
  const bool is_text = operation.outputs_size() == 1 && operation.outputs(0).type().has_listtype();
  // A list of labels: whoever reads it takes it from the operation.
  if (is_text) return std::vector<ProgramConstant>(1);
  NBITS_ASSIGN_OR_RETURN(std::vector<ProgramConstant> constants,
                         kind->read(ConstantArguments(operation, blobs, find)));
  if (static_cast<size_t>(operation.outputs_size()) != constants.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(operation.outputs_size(), " outputs (expected ", constants.size(), ")"));
  }
  for (size_t i = 0; i < constants.size(); ++i) {
    NBITS_RETURN_IF_ERROR(CheckDeclared(operation.outputs(static_cast<int>(i)), constants[i]));
    if (constants[i].is_packed) NBITS_RETURN_IF_ERROR(Validate(constants[i].packed));
  }
  return constants;
}

const Shape& ShapeOf(const ProgramConstant& constant) {
  return constant.is_packed ? constant.packed.shape : constant.value.shape;
}

ProgramConstant FloatConstant(ProgramValue value) {
  ProgramConstant constant;
  const bool half = value.type->type == mil::FLOAT16;
  constant.packed.scheme = half ? Scheme::kFloat16 : Scheme::kFloat32;
  constant.packed.bits = half ? 16 : 32;
  constant.packed.shape = value.shape;
  constant.packed.bytes = value.bytes;
  constant.packed.owner = value.owner;
  constant.is_packed = true;
  constant.value = std::move(value);
  return constant;
}

absl::StatusOr<std::vector<float>> FloatsOf(const ProgramConstant& constant) {
  if (!constant.is_packed) {
    if (constant.value.type == nullptr) return absl::InvalidArgumentError("no numbers");
    return FloatsOf(constant.value);
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(constant.packed.shape));
  NBITS_RETURN_IF_ERROR(
      CheckMemory(count * static_cast<int64_t>(sizeof(float)), "a decoded constant"));
  std::vector<float> floats(static_cast<size_t>(count));
  NBITS_RETURN_IF_ERROR(Dequantize(constant.packed, floats));
  return floats;
}

absl::StatusOr<std::vector<int64_t>> IntegersOf(const ProgramConstant& constant) {
  if (constant.is_packed || constant.value.type == nullptr) {
    return absl::InvalidArgumentError("whole numbers are expected");
  }
  return IntegersOf(constant.value);
}

}  // namespace nbits

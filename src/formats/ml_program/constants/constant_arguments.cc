// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/constants/constant_arguments.h"

#include <cmath>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "tensor/half.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

absl::Status AtParameter(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("'", name, "': ", status.message()));
}

bool IsBitSet(ByteSpan bytes, int64_t index) {
  return (std::to_integer<unsigned>(bytes[static_cast<size_t>(index / 8)]) >> (index % 8) & 1) != 0;
}

// The one binding of an input, or null.
const mil::Argument::Binding* OnlyBinding(const mil::Operation& operation,
                                          const std::string& name) {
  const auto input = operation.inputs().find(name);
  if (input == operation.inputs().end() || input->second.arguments_size() != 1) return nullptr;
  return &input->second.arguments(0);
}

}  // namespace

bool ConstantArguments::Has(const std::string& name) const {
  return operation_.attributes().contains(name) || operation_.inputs().contains(name);
}

absl::StatusOr<ProgramConstant> ConstantArguments::FromBinding(
    const mil::Argument::Binding& binding) const {
  ProgramConstant constant;
  if (binding.has_value()) {
    NBITS_ASSIGN_OR_RETURN(constant.value, ReadValue(binding.value(), blobs_));
    return constant;
  }
  const ProgramConstant* found = find_(binding.name());
  if (found != nullptr) return *found;
  return absl::InvalidArgumentError(absl::StrCat("'", binding.name(), "' is no constant"));
}

absl::StatusOr<ProgramConstant> ConstantArguments::Get(const std::string& name) const {
  absl::StatusOr<ProgramConstant> constant = absl::InvalidArgumentError("is missing");
  if (const auto attribute = operation_.attributes().find(name);
      attribute != operation_.attributes().end()) {
    auto value = ReadValue(attribute->second, blobs_);
    if (value.ok()) {
      constant = ProgramConstant{*std::move(value), {}, false};
    } else {
      constant = value.status();
    }
  } else if (const mil::Argument::Binding* binding = OnlyBinding(operation_, name)) {
    constant = FromBinding(*binding);
  }
  return constant.ok() ? constant : AtParameter(name, constant.status());
}

absl::StatusOr<ProgramValue> ConstantArguments::GetPlain(const std::string& name) const {
  NBITS_ASSIGN_OR_RETURN(ProgramConstant constant, Get(name));
  if (constant.value.bytes.data() != nullptr || constant.value.count == 0) {
    return std::move(constant.value);
  }
  return AtParameter(name, absl::InvalidArgumentError("is no plain value"));
}

absl::StatusOr<std::vector<float>> ConstantArguments::GetFloats(const std::string& name) const {
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant constant, Get(name));
  auto floats = FloatsOf(constant);
  return floats.ok() ? std::move(floats) : AtParameter(name, floats.status());
}

absl::StatusOr<std::optional<int64_t>> ConstantArguments::GetInteger(
    const std::string& name) const {
  if (!Has(name)) return std::nullopt;
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant constant, Get(name));
  auto integers = IntegersOf(constant);
  if (!integers.ok()) return AtParameter(name, integers.status());
  if (integers->size() == 1) return (*integers)[0];
  return AtParameter(name, absl::InvalidArgumentError("holds more than one number"));
}

absl::StatusOr<Shape> ConstantArguments::GetShape(const std::string& name) const {
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant constant, Get(name));
  auto shape = IntegersOf(constant);
  absl::Status status = shape.status();
  if (status.ok()) status = ElementCount(*shape).status();
  return status.ok() ? std::move(shape) : AtParameter(name, status);
}

float RoundTo(const DataTypeFacts* type, float value) {
  return type->type == mil::FLOAT16 ? FloatFromHalf(HalfFromFloat(value)) : value;
}

absl::StatusOr<ProgramConstant> StoreFloats(const std::vector<float>& values, Shape shape,
                                            const DataTypeFacts* type) {
  ProgramValue value;
  value.type = type;
  value.shape = std::move(shape);
  value.count = static_cast<int64_t>(values.size());
  NBITS_RETURN_IF_ERROR(
      CheckMemory(value.count * static_cast<int64_t>(sizeof(float)), "a decoded constant"));
  if (type->type == mil::FLOAT16) {
    auto halves = std::make_shared<std::vector<uint16_t>>(values.size());
    for (size_t i = 0; i < values.size(); ++i) (*halves)[i] = HalfFromFloat(values[i]);
    value.bytes = std::as_bytes(std::span<const uint16_t>(*halves));
    value.owner = halves;
    return FloatConstant(std::move(value));
  }
  auto floats = std::make_shared<std::vector<float>>(values);
  value.type = FindDataType(mil::FLOAT32);
  value.bytes = std::as_bytes(std::span<const float>(*floats));
  value.owner = floats;
  ProgramConstant constant = FloatConstant(std::move(value));
  constant.value.bytes = {};
  constant.value.type = type;
  return constant;
}

absl::StatusOr<BlockIndex> BlockIndex::Make(const Shape& fine, const Shape& coarse,
                                            absl::string_view what) {
  BlockIndex index;
  index.fine_ = fine;
  index.coarse_ = coarse;
  bool fits = fine.size() == coarse.size();
  for (size_t axis = 0; fits && axis < fine.size(); ++axis) {
    fits = coarse[axis] >= 1 && fine[axis] % coarse[axis] == 0;
    if (fits) index.block_.push_back(std::max<int64_t>(1, fine[axis] / coarse[axis]));
  }
  if (fits) return index;
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(what), " does not fit the shape of the data"));
}

int64_t BlockIndex::At(int64_t element) const {
  int64_t at = 0, step = 1;
  for (size_t axis = fine_.size(); axis-- > 0;) {
    const int64_t place = element % fine_[axis];
    element /= fine_[axis];
    at += place / block_[axis] * step;
    step *= coarse_[axis];
  }
  return at;
}

absl::StatusOr<std::vector<int64_t>> KeptElements(const ProgramValue& mask, const Shape& shape) {
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  if (static_cast<int64_t>(mask.bytes.size()) != PackedByteCount(count, 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a mask of ", mask.bytes.size(), " bytes for ", count, " elements"));
  }
  for (int64_t i = count; i < 8 * static_cast<int64_t>(mask.bytes.size()); ++i) {
    if (IsBitSet(mask.bytes, i)) {
      return absl::InvalidArgumentError("a mask with bits beyond its last element");
    }
  }
  NBITS_RETURN_IF_ERROR(CheckMemory(count * static_cast<int64_t>(sizeof(int64_t)), "a mask"));
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < count; ++i) {
    if (IsBitSet(mask.bytes, i)) kept.push_back(i);
  }
  return kept;
}

}  // namespace nbits

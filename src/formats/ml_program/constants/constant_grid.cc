// SPDX-License-Identifier: Apache-2.0
// Constants on a grid: (code - zero point) * scale.
#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "formats/ml_program/constants/constant_arguments.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

bool IsFloat(const DataTypeFacts* type) {
  return type->type == mil::FLOAT16 || type->type == mil::FLOAT32;
}

bool IsCode(const DataTypeFacts* type) {
  return type->bits <= 8 && type->type != mil::BOOL && type->kind != NumberKind::kText;
}

// Two's complement codes of 4 bits plus 8: unsigned ones.
absl::Status MakeUnsigned(const ProgramValue& data, PackedTensor& tensor) {
  NBITS_RETURN_IF_ERROR(CheckMemory(static_cast<int64_t>(data.bytes.size()), "a constant"));
  auto codes = std::make_shared<std::vector<std::byte>>(data.bytes.begin(), data.bytes.end());
  for (std::byte& pair : *codes) pair ^= std::byte{0x88};
  if (data.count % 2 != 0) codes->back() &= std::byte{0x0f};
  tensor.bytes = *codes;
  tensor.owner = codes;
  return absl::OkStatus();
}

// One scale, or one for each entry of an axis; zero points likewise, or none.
struct Grid {
  std::vector<float> scale, zero;
  int axis = 0;
};

// The codes as they are stored.
absl::StatusOr<ProgramConstant> PackGrid(const ProgramValue& data, Grid grid,
                                         const DataTypeFacts* type) {
  ProgramConstant constant;
  constant.value.type = type;
  PackedTensor& tensor = constant.packed;
  tensor.scheme = data.type->type == mil::INT8 ? Scheme::kSignedLinear : Scheme::kLinear;
  tensor.bits = data.type->bits;
  tensor.bit_order = BitOrder::kLeastSignificantFirst;
  tensor.shape = data.shape;
  tensor.channel_axis = grid.axis;
  tensor.bytes = data.bytes;
  tensor.owner = data.owner;
  if (data.type->type == mil::INT4) {
    NBITS_RETURN_IF_ERROR(MakeUnsigned(data, tensor));
    if (grid.zero.empty()) grid.zero.assign(1, 0.0f);
    for (float& zero : grid.zero) zero += 8;
  }
  const size_t entries = std::max(grid.scale.size(), grid.zero.size());
  if (grid.scale.size() == 1) grid.scale.resize(entries, grid.scale[0]);
  if (grid.zero.size() == 1) grid.zero.resize(entries, grid.zero[0]);
  const bool any_zero =
      std::any_of(grid.zero.begin(), grid.zero.end(), [](float zero) { return zero != 0; });
  for (size_t i = 0; any_zero && i < entries; ++i) {
    tensor.offset.push_back(-(grid.scale[i] * grid.zero[i]));
  }
  tensor.half_values = type->type == mil::FLOAT16;
  tensor.scale = std::move(grid.scale);
  constant.is_packed = true;
  return constant;
}

absl::Status CheckEntries(const std::string& what, size_t entries, int64_t channels) {
  if (entries == 1 || static_cast<int64_t>(entries) == channels) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", what, "' holds ", entries, " numbers (expected 1 or ", channels, ")"));
}

// The only axis along which the shape has more than one entry, 0 when there is none; nullopt when
// there are several, or when it has other than `fine` has there.
std::optional<int> OnlyAxis(const Shape& coarse, const Shape& fine) {
  int axis = -1;
  for (size_t i = 0; i < coarse.size(); ++i) {
    if (coarse[i] == 1) continue;
    if (axis >= 0 || coarse[i] != fine[i]) return std::nullopt;
    axis = static_cast<int>(i);
  }
  return std::max(axis, 0);
}

// Whether each entry of axis 0 is cut into blocks along axis 1, and the axes behind are whole.
bool AreBlocksOfChannels(const Shape& coarse, const Shape& fine) {
  if (fine.size() < 2 || coarse[0] != fine[0] || coarse[1] < 2 || fine[1] % coarse[1] != 0) {
    return false;
  }
  return std::all_of(coarse.begin() + 2, coarse.end(), [](int64_t extent) { return extent == 1; });
}

// Scale and zero points of blocks, decoded.
struct Blocks {
  const DataTypeFacts* type = nullptr;  // Of the scale, and of the result.
  Shape shape;
  std::vector<float> scale, zero;

  float Value(float code, int64_t block) const {
    const float zero_point = zero.empty() ? 0.0f : zero[static_cast<size_t>(block)];
    const float difference = RoundTo(type, RoundTo(type, code) - RoundTo(type, zero_point));
    return RoundTo(type, difference * scale[static_cast<size_t>(block)]);
  }
};

absl::StatusOr<Blocks> ReadBlocks(const ConstantArguments& arguments) {
  Blocks blocks;
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant scale, arguments.Get("scale"));
  blocks.type = scale.value.type;
  if (!IsFloat(blocks.type)) return absl::InvalidArgumentError("'scale' holds no floats");
  blocks.shape = ShapeOf(scale);
  NBITS_ASSIGN_OR_RETURN(blocks.scale, FloatsOf(scale));
  if (!arguments.Has("offset")) return blocks;
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant offset, arguments.Get("offset"));
  if (ShapeOf(offset) != blocks.shape) {
    return absl::InvalidArgumentError("'offset' has another shape than 'scale'");
  }
  NBITS_ASSIGN_OR_RETURN(blocks.zero, FloatsOf(offset));
  return blocks;
}

absl::StatusOr<ProgramConstant> DecodeBlocks(const ProgramConstant& data, const Blocks& blocks) {
  const Shape& shape = ShapeOf(data);
  NBITS_ASSIGN_OR_RETURN(const BlockIndex index, BlockIndex::Make(shape, blocks.shape, "'scale'"));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, FloatsOf(data));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = blocks.Value(values[i], index.At(static_cast<int64_t>(i)));
  }
  return StoreFloats(values, shape, blocks.type);
}

std::vector<ProgramConstant> One(ProgramConstant constant) {
  std::vector<ProgramConstant> constants;
  constants.push_back(std::move(constant));
  return constants;
}

}  // namespace

absl::StatusOr<std::vector<ProgramConstant>> ReadAffine(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const ProgramValue data, arguments.GetPlain("quantized_data"));
  if (data.type->type != mil::INT8 && data.type->type != mil::UINT8) {
    return absl::InvalidArgumentError("'quantized_data' holds no bytes");
  }
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant scale, arguments.Get("scale"));
  if (!IsFloat(scale.value.type)) return absl::InvalidArgumentError("'scale' holds no floats");
  Grid grid;
  NBITS_ASSIGN_OR_RETURN(grid.scale, arguments.GetFloats("scale"));
  if (arguments.Has("zero_point")) {
    NBITS_ASSIGN_OR_RETURN(grid.zero, arguments.GetFloats("zero_point"));
  }
  NBITS_ASSIGN_OR_RETURN(const std::optional<int64_t> axis, arguments.GetInteger("axis"));
  const auto rank = static_cast<int64_t>(data.shape.size());
  const int64_t stated = axis.value_or(0);
  const int64_t place = stated < 0 ? stated + rank : stated;
  if (rank > 0 && (place < 0 || place >= rank)) {
    return absl::InvalidArgumentError(absl::StrCat("'axis' is ", stated, " for rank ", rank));
  }
  grid.axis = rank == 0 ? 0 : static_cast<int>(place);
  const int64_t channels = rank == 0 ? 1 : data.shape[grid.axis];
  NBITS_RETURN_IF_ERROR(CheckEntries("scale", grid.scale.size(), channels));
  if (!grid.zero.empty()) {
    NBITS_RETURN_IF_ERROR(CheckEntries("zero_point", grid.zero.size(), channels));
  }
  NBITS_ASSIGN_OR_RETURN(ProgramConstant constant,
                         PackGrid(data, std::move(grid), scale.value.type));
  return One(std::move(constant));
}

absl::StatusOr<std::vector<ProgramConstant>> ReadShiftScale(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant data, arguments.Get("data"));
  NBITS_ASSIGN_OR_RETURN(Blocks blocks, ReadBlocks(arguments));
  const Shape& shape = ShapeOf(data);
  if (shape.size() != blocks.shape.size()) {
    return absl::InvalidArgumentError("'data' and 'scale' differ in rank");
  }
  std::optional<int> axis = OnlyAxis(blocks.shape, shape);
  if (!axis && AreBlocksOfChannels(blocks.shape, shape)) axis = 0;
  if (!data.is_packed && data.value.type != nullptr && IsCode(data.value.type) && axis) {
    NBITS_ASSIGN_OR_RETURN(
        ProgramConstant constant,
        PackGrid(data.value, {std::move(blocks.scale), std::move(blocks.zero), *axis},
                 blocks.type));
    return One(std::move(constant));
  }
  NBITS_ASSIGN_OR_RETURN(ProgramConstant constant, DecodeBlocks(data, blocks));
  return One(std::move(constant));
}

absl::StatusOr<std::vector<ProgramConstant>> ReadSparseShiftScale(
    const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const ProgramValue mask, arguments.GetPlain("data_mask"));
  NBITS_ASSIGN_OR_RETURN(const Blocks blocks, ReadBlocks(arguments));
  NBITS_ASSIGN_OR_RETURN(const BlockIndex index,
                         BlockIndex::Make(mask.shape, blocks.shape, "'scale'"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> kept, KeptElements(mask, mask.shape));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, arguments.GetFloats("nonzero_data"));
  if (values.size() != kept.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(values.size(), " values for a mask of ", kept.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = blocks.Value(values[i], index.At(kept[i]));
  }
  NBITS_ASSIGN_OR_RETURN(ProgramConstant stored,
                         StoreFloats(values, {static_cast<int64_t>(values.size())}, blocks.type));
  std::vector<ProgramConstant> constants = One({mask, {}, false});
  constants.push_back(std::move(stored));
  return constants;
}

absl::StatusOr<std::vector<ProgramConstant>> ReadCast(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(ProgramValue value, arguments.GetPlain("source_val"));
  if (value.type->type != mil::FLOAT16) {
    return absl::InvalidArgumentError("'source_val' holds no Float16");
  }
  ProgramConstant constant = FloatConstant(std::move(value));
  constant.value.type = FindDataType(mil::FLOAT32);
  constant.value.bytes = {};
  return One(std::move(constant));
}

}  // namespace nbits

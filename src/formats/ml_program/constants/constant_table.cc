// SPDX-License-Identifier: Apache-2.0
// Constants that are looked up in a table, or in one a block, by value or by vector.
#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/constants/constant_arguments.h"

namespace nbits {
namespace {

// The tables, [blocks of every axis..., entries, vector].
struct Tables {
  const DataTypeFacts* type = nullptr;
  Shape blocks;
  int64_t entries = 0, vector = 1;
  int vector_axis = 0;
  std::vector<float> values;

  bool is_single() const {
    if (vector != 1) return false;
    for (const int64_t extent : blocks) {
      if (extent != 1) return false;
    }
    return true;
  }
  float At(int64_t block, int64_t entry, int64_t lane) const {
    return values[static_cast<size_t>((block * entries + entry) * vector + lane)];
  }
};

absl::Status SetVectorAxis(const ConstantArguments& arguments, Tables& tables) {
  if (tables.vector == 1) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const auto axis, arguments.GetInteger("vector_axis"));
  const auto rank = static_cast<int64_t>(tables.blocks.size());
  if (!axis || *axis < -rank || *axis >= rank) {
    return BadProgram("a table of vectors without an axis for them");
  }
  tables.vector_axis = static_cast<int>(*axis < 0 ? *axis + rank : *axis);
  return absl::OkStatus();
}

// The tables of opset iOS18, for indices of that rank and so many bits.
absl::StatusOr<Tables> ReadTables(const ConstantArguments& arguments, size_t rank, int bits) {
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant lut, arguments.Get("lut"));
  const Shape& shape = ShapeOf(lut);
  if (shape.size() != rank + 2) {
    return BadProgram(
        absl::StrCat("'lut' is of rank ", shape.size(), " (expected ", rank + 2, ")"));
  }
  Tables tables;
  tables.type = lut.value.type;
  tables.blocks.assign(shape.begin(), shape.end() - 2);
  tables.entries = shape[rank];
  tables.vector = shape[rank + 1];
  if (tables.entries != int64_t{1} << bits || tables.vector < 1) {
    return BadProgram(
        absl::StrCat("'lut' has ", tables.entries, " entries for indices of ", bits, " bits"));
  }
  NBITS_ASSIGN_OR_RETURN(tables.values, FloatsOf(lut));
  NBITS_RETURN_IF_ERROR(SetVectorAxis(arguments, tables));
  return tables;
}

absl::StatusOr<ProgramConstant> PackTable(const ProgramValue& indices, Shape shape, int bits,
                                          std::vector<float> table, const DataTypeFacts* type) {
  ProgramConstant constant;
  constant.value.type = type;
  constant.is_packed = true;
  PackedTensor& tensor = constant.packed;
  tensor.scheme = Scheme::kLookupTable;
  tensor.bits = bits;
  tensor.bit_order = BitOrder::kLeastSignificantFirst;
  tensor.shape = std::move(shape);
  tensor.table = std::move(table);
  tensor.bytes = indices.bytes;
  tensor.owner = indices.owner;
  return constant;
}

bool IsIndexType(const DataTypeFacts* type) {
  return type->kind == NumberKind::kUnsigned && type->bits <= 8 && type->type != schema::mil::BOOL;
}

// Opset iOS16: a single table, its indices packed into bytes.
absl::StatusOr<ProgramConstant> ReadPackedIndices(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const ProgramValue indices, arguments.GetPlain("indices"));
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant lut, arguments.Get("lut"));
  NBITS_ASSIGN_OR_RETURN(Shape shape, arguments.GetShape("shape"));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> table, FloatsOf(lut));
  const size_t entries = table.size();
  const bool allowed =
      entries == 2 || entries == 4 || entries == 16 || entries == 64 || entries == 256;
  if (!allowed) return BadProgram(absl::StrCat("a table of ", entries, " entries"));
  const int bits = std::bit_width(entries) - 1;
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  if (indices.type->type != schema::mil::UINT8 ||
      static_cast<int64_t>(indices.bytes.size()) != PackedByteCount(count, bits)) {
    return BadProgram(absl::StrCat(indices.bytes.size(), " bytes of indices (expected ",
                                   PackedByteCount(count, bits), ")"));
  }
  return PackTable(indices, std::move(shape), bits, std::move(table), lut.value.type);
}

Shape Widened(Shape shape, const Tables& tables) {
  if (tables.vector > 1) shape[static_cast<size_t>(tables.vector_axis)] *= tables.vector;
  return shape;
}

// Where a lane of element `element` of the indices lies in the widened tensor.
int64_t WidenedPlace(const Shape& shape, const Tables& tables, int64_t element, int64_t lane) {
  if (tables.vector == 1) return element;
  int64_t inner = 1;
  for (size_t i = static_cast<size_t>(tables.vector_axis) + 1; i < shape.size(); ++i) {
    inner *= shape[i];
  }
  return (element / inner * tables.vector + lane) * inner + element % inner;
}

absl::StatusOr<ProgramConstant> DecodeTables(const ProgramValue& indices, const Tables& tables) {
  NBITS_ASSIGN_OR_RETURN(const BlockIndex index,
                         BlockIndex::Make(indices.shape, tables.blocks, "'lut'"));
  const Shape shape = Widened(indices.shape, tables);
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> entries, FloatsOf(indices));
  std::vector<float> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < indices.count; ++i) {
    const int64_t block = index.At(i);
    for (int64_t lane = 0; lane < tables.vector; ++lane) {
      values[static_cast<size_t>(WidenedPlace(indices.shape, tables, i, lane))] =
          tables.At(block, static_cast<int64_t>(entries[static_cast<size_t>(i)]), lane);
    }
  }
  return StoreFloats(values, shape, tables.type);
}

// The mask of the widened tensor.
absl::StatusOr<ProgramValue> WidenedMask(const ProgramValue& mask, const std::vector<int64_t>& kept,
                                         const Tables& tables) {
  if (tables.vector == 1) return mask;
  ProgramValue wide = mask;
  wide.shape = Widened(mask.shape, tables);
  NBITS_ASSIGN_OR_RETURN(wide.count, ElementCount(wide.shape));
  auto bits =
      std::make_shared<std::vector<std::byte>>(static_cast<size_t>(PackedByteCount(wide.count, 1)));
  for (const int64_t element : kept) {
    for (int64_t lane = 0; lane < tables.vector; ++lane) {
      const int64_t place = WidenedPlace(mask.shape, tables, element, lane);
      (*bits)[static_cast<size_t>(place / 8)] |= std::byte(1u << (place % 8));
    }
  }
  wide.bytes = *bits;
  wide.owner = bits;
  return wide;
}

}  // namespace

absl::StatusOr<std::vector<ProgramConstant>> ReadTable(const ConstantArguments& arguments) {
  std::vector<ProgramConstant> constants(1);
  if (arguments.Has("shape")) {
    NBITS_ASSIGN_OR_RETURN(constants[0], ReadPackedIndices(arguments));
    return constants;
  }
  NBITS_ASSIGN_OR_RETURN(const ProgramValue indices, arguments.GetPlain("indices"));
  if (!IsIndexType(indices.type)) return BadProgram("'indices' are no indices");
  NBITS_ASSIGN_OR_RETURN(Tables tables,
                         ReadTables(arguments, indices.shape.size(), indices.type->bits));
  if (tables.is_single()) {
    NBITS_ASSIGN_OR_RETURN(constants[0], PackTable(indices, indices.shape, indices.type->bits,
                                                   std::move(tables.values), tables.type));
  } else {
    NBITS_ASSIGN_OR_RETURN(constants[0], DecodeTables(indices, tables));
  }
  return constants;
}

absl::StatusOr<std::vector<ProgramConstant>> ReadSparseTable(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const ProgramValue mask, arguments.GetPlain("indices_mask"));
  NBITS_ASSIGN_OR_RETURN(const ProgramValue indices, arguments.GetPlain("indices_nonzero_data"));
  if (!IsIndexType(indices.type)) return BadProgram("'indices_nonzero_data' are no indices");
  NBITS_ASSIGN_OR_RETURN(const Tables tables,
                         ReadTables(arguments, mask.shape.size(), indices.type->bits));
  NBITS_ASSIGN_OR_RETURN(const BlockIndex index,
                         BlockIndex::Make(mask.shape, tables.blocks, "'lut'"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> kept, KeptElements(mask, mask.shape));
  if (static_cast<int64_t>(kept.size()) != indices.count) {
    return BadProgram(absl::StrCat(indices.count, " indices for a mask of ", kept.size()));
  }
  NBITS_ASSIGN_OR_RETURN(const ProgramValue wide, WidenedMask(mask, kept, tables));
  std::vector<std::pair<int64_t, float>> placed;
  for (size_t i = 0; i < kept.size(); ++i) {
    const auto entry = static_cast<int64_t>(NumberAt(indices, static_cast<int64_t>(i)));
    for (int64_t lane = 0; lane < tables.vector; ++lane) {
      placed.emplace_back(WidenedPlace(mask.shape, tables, kept[i], lane),
                          tables.At(index.At(kept[i]), entry, lane));
    }
  }
  std::sort(placed.begin(), placed.end());
  std::vector<float> values;
  for (const auto& [place, value] : placed) values.push_back(value);
  std::vector<ProgramConstant> constants(2);
  constants[0].value = wide;
  NBITS_ASSIGN_OR_RETURN(constants[1],
                         StoreFloats(values, {static_cast<int64_t>(values.size())}, tables.type));
  return constants;
}

absl::StatusOr<std::vector<ProgramConstant>> ReadSparse(const ConstantArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const ProgramValue mask, arguments.GetPlain("mask"));
  Shape shape = mask.shape;
  if (arguments.Has("shape")) {
    NBITS_ASSIGN_OR_RETURN(shape, arguments.GetShape("shape"));
  }
  NBITS_ASSIGN_OR_RETURN(const ProgramConstant stored, arguments.Get("nonzero_data"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, FloatsOf(stored));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> kept, KeptElements(mask, shape));
  if (values.size() != kept.size()) {
    return BadProgram(absl::StrCat(values.size(), " values for a mask of ", kept.size()));
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  std::vector<float> dense(static_cast<size_t>(count), 0.0f);
  for (size_t i = 0; i < kept.size(); ++i) dense[static_cast<size_t>(kept[i])] = values[i];
  std::vector<ProgramConstant> constants(1);
  NBITS_ASSIGN_OR_RETURN(constants[0], StoreFloats(dense, shape, stored.value.type));
  return constants;
}

}  // namespace nbits

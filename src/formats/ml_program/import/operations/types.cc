// SPDX-License-Identifier: Apache-2.0
// Imports operations that change the type of values: casts, and grids of activations.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/ml_program/import/operations/truncate.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

using F = UnaryFunction;
using B = BinaryOperation;

bool IsWhole(const Operation& op) {
  const DataTypeFacts* type = FindDataType(op.TypeOf("x"));
  return type != nullptr && type->kind != NumberKind::kFloat;
}

absl::Status ImportCast(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const std::string dtype, op.Text("dtype"));
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  const DataTypeFacts* type = FindDataType(dtype);
  if (type == nullptr || type->kind == NumberKind::kText) {
    return absl::InvalidArgumentError(absl::StrCat("to the unknown type '", dtype, "'"));
  }
  if (type->type == mil::BOOL) {
    NBITS_ASSIGN_OR_RETURN(const TensorId zero, op.builder.AddOne(Fill{0, {1}}, {}));
    if (op.builder.ShapeOf(x).empty()) {
      NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, {1}));
      NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Binary{B::kNotEqual}, {x, zero}));
      NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, {}));
      return op.Finish({x});
    }
    return op.Finish(Binary{B::kNotEqual}, {x, zero});
  }
  if (type->kind != NumberKind::kFloat && !IsWhole(op)) {
    NBITS_ASSIGN_OR_RETURN(x, Truncated(op, x));
  }
  return op.Finish({x});
}

// One number for a whole tensor, or one for each entry of `axis`, as a constant that broadcasts.
absl::StatusOr<TensorId> GridConstant(const Operation& op, const std::string& argument,
                                      const Shape& shape, int64_t axis) {
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, op.Floats(argument));
  Shape place(shape.size(), 1);
  if (values.size() != 1) {
    if (static_cast<int64_t>(values.size()) != shape[static_cast<size_t>(axis)]) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", argument, "': ", values.size(), " numbers for ",
                       shape[static_cast<size_t>(axis)], " channels"));
    }
    place[static_cast<size_t>(axis)] = static_cast<int64_t>(values.size());
  }
  return op.builder.AddConstant(std::move(values), std::move(place));
}

absl::StatusOr<int> GridAxis(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t axis, op.Integer("axis", int64_t{0}));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("input"));
  return shape.empty() ? absl::StatusOr<int>(0) : ResolveAxis(axis, shape.size());
}

absl::Status ImportQuantize(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("input"));
  NBITS_ASSIGN_OR_RETURN(const int axis, GridAxis(op));
  const Shape shape = op.builder.ShapeOf(x);
  NBITS_ASSIGN_OR_RETURN(const TensorId scale, GridConstant(op, "scale", shape, axis));
  NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Binary{B::kDivide}, {x, scale}));
  NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Unary{F::kRound}, {x}));
  if (op.Has("zero_point")) {
    NBITS_ASSIGN_OR_RETURN(const TensorId zero, GridConstant(op, "zero_point", shape, axis));
    NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Binary{B::kAdd}, {x, zero}));
  }
  NBITS_ASSIGN_OR_RETURN(const std::string dtype, op.Text("output_dtype"));
  if (dtype != "int8" && dtype != "uint8") {
    return absl::InvalidArgumentError(absl::StrCat("to type '", dtype, "'"));
  }
  const bool is_signed = dtype == "int8";
  return op.Finish(Unary{F::kClip, is_signed ? -128.0f : 0.0f, is_signed ? 127.0f : 255.0f}, {x});
}

absl::Status ImportDequantize(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("input"));
  NBITS_ASSIGN_OR_RETURN(const int axis, GridAxis(op));
  const Shape shape = op.builder.ShapeOf(x);
  if (op.Has("zero_point")) {
    NBITS_ASSIGN_OR_RETURN(const TensorId zero, GridConstant(op, "zero_point", shape, axis));
    NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Binary{B::kSubtract}, {x, zero}));
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId scale, GridConstant(op, "scale", shape, axis));
  return op.Finish(Binary{B::kMultiply}, {x, scale});
}

}  // namespace

absl::StatusOr<TensorId> Truncated(const Operation& op, TensorId x) {
  // x = sign(x) * floor(|x|)
  NBITS_ASSIGN_OR_RETURN(const TensorId sign, op.builder.AddOne(Unary{F::kSign}, {x}));
  NBITS_ASSIGN_OR_RETURN(TensorId size, op.builder.AddOne(Unary{F::kAbs}, {x}));
  NBITS_ASSIGN_OR_RETURN(size, op.builder.AddOne(Unary{F::kFloor}, {size}));
  return op.builder.AddOne(Binary{B::kMultiply}, {sign, size});
}

std::span<const OperationKind> TypeOperations() {
  static constexpr OperationKind kKinds[] = {
      {"cast", ImportCast},
      {"dequantize", ImportDequantize},
      {"quantize", ImportQuantize},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

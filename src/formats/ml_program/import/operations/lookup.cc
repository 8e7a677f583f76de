// SPDX-License-Identifier: Apache-2.0
// Imports operations that look values up by index. Negative indices count from the end, which
// opset iOS17 leaves open.
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

// Indices into the rows of all batches, one after the other: row + batch * extent.
// `indices` are [batches, count].
absl::StatusOr<TensorId> AcrossBatches(const Operation& op, TensorId indices, int64_t batches,
                                       int64_t extent) {
  // A negative index counts from the end of its own batch.
  NBITS_ASSIGN_OR_RETURN(const TensorId zero, op.builder.AddOne(Fill{0, {1}}, {}));
  NBITS_ASSIGN_OR_RETURN(const TensorId negative,
                         op.builder.AddOne(Binary{BinaryOperation::kLess}, {indices, zero}));
  NBITS_ASSIGN_OR_RETURN(
      const TensorId wrapped,
      op.builder.AddOne(Unary{UnaryFunction::kLinear, 1, static_cast<float>(extent)}, {indices}));
  NBITS_ASSIGN_OR_RETURN(const TensorId own,
                         op.builder.AddOne(Select{}, {negative, wrapped, indices}));
  NBITS_ASSIGN_OR_RETURN(TensorId first,
                         op.builder.AddOne(Range{0, static_cast<float>(extent), batches}, {}));
  NBITS_ASSIGN_OR_RETURN(first, op.Reshaped(first, {batches, 1}));
  return op.builder.AddOne(Binary{BinaryOperation::kAdd}, {own, first});
}

// x with `axis` moved to stand right behind the batch axes.
absl::StatusOr<TensorId> WithAxisAt(const Operation& op, TensorId x, int axis, int64_t place) {
  std::vector<int> order(op.builder.ShapeOf(x).size());
  std::iota(order.begin(), order.end(), 0);
  order.erase(order.begin() + axis);
  order.insert(order.begin() + place, axis);
  return op.builder.AddOne(Transpose{std::move(order)}, {x});
}

// Each batch of the first axes has a table and indices of its own.
absl::Status GatherInBatches(const Operation& op, int axis, int64_t batch_dims) {
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId indices, op.Input("indices"));
  const Shape shape = op.builder.ShapeOf(x), places = op.builder.ShapeOf(indices);
  const auto dims = static_cast<size_t>(batch_dims);
  if (dims > places.size() || axis < batch_dims ||
      Shape(shape.begin(), shape.begin() + batch_dims) !=
          Shape(places.begin(), places.begin() + batch_dims)) {
    return absl::InvalidArgumentError(absl::StrCat(batch_dims, " batch axes of ", ShapeText(shape),
                                                   " and indices of ", ShapeText(places)));
  }
  const int64_t batches = Product(shape, 0, dims), extent = shape[static_cast<size_t>(axis)];
  const int64_t count = Product(places, dims, places.size());
  NBITS_ASSIGN_OR_RETURN(x, WithAxisAt(op, x, axis, batch_dims));
  const int64_t inner = Product(shape) / (batches * extent);
  NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, {batches * extent, inner}));
  NBITS_ASSIGN_OR_RETURN(indices, op.Reshaped(indices, {batches, count}));
  NBITS_ASSIGN_OR_RETURN(indices, AcrossBatches(op, indices, batches, extent));
  NBITS_ASSIGN_OR_RETURN(indices, op.Reshaped(indices, {batches * count}));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.builder.AddOne(Gather{0}, {x, indices}));
  // [batches, count, middle, rest] becomes [batches, middle, count, rest].
  const int64_t middle = Product(shape, dims, static_cast<size_t>(axis));
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, {batches, count, middle, inner / middle}));
  NBITS_ASSIGN_OR_RETURN(y, op.builder.AddOne(Transpose{{0, 2, 1, 3}}, {y}));
  Shape result(shape.begin(), shape.begin() + axis);
  result.insert(result.end(), places.begin() + batch_dims, places.end());
  result.insert(result.end(), shape.begin() + axis + 1, shape.end());
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, std::move(result)));
  return op.Finish({y});
}

// A scalar index drops the axis.
absl::Status ImportGather(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{0}));
  NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(const int64_t batch_dims, op.Integer("batch_dims", int64_t{0}));
  if (batch_dims > 0) return GatherInBatches(op, axis, batch_dims);
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId indices, op.Input("indices"));
  const Shape shape = op.builder.ShapeOf(x), places = op.builder.ShapeOf(indices);
  if (!places.empty()) return op.Finish(Gather{axis}, {x, indices});
  NBITS_ASSIGN_OR_RETURN(indices, op.Reshaped(indices, {1}));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.builder.AddOne(Gather{axis}, {x, indices}));
  Shape result = shape;
  result.erase(result.begin() + axis);
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, std::move(result)));
  return op.Finish({y});
}

absl::Status ImportGatherAlongAxis(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{0}));
  NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId indices, op.Input("indices"));
  return op.Finish(GatherAlongAxis{axis}, {x, indices});
}

// Batch axes become coordinates in front of those that the indices give.
absl::StatusOr<TensorId> WithBatchCoordinates(const Operation& op, TensorId indices,
                                              int64_t batch_dims) {
  const Shape shape = op.builder.ShapeOf(indices);
  Shape column = shape;
  column.back() = 1;
  std::vector<TensorId> parts;
  for (int64_t axis = 0; axis < batch_dims; ++axis) {
    const int64_t extent = shape[static_cast<size_t>(axis)];
    NBITS_ASSIGN_OR_RETURN(TensorId range, op.builder.AddOne(Range{0, 1, extent}, {}));
    Shape place(shape.size(), 1);
    place[static_cast<size_t>(axis)] = extent;
    NBITS_ASSIGN_OR_RETURN(range, op.Reshaped(range, std::move(place)));
    NBITS_ASSIGN_OR_RETURN(parts.emplace_back(), op.builder.AddOne(BroadcastTo{column}, {range}));
  }
  parts.push_back(indices);
  return op.builder.AddOne(Concat{.axis = static_cast<int>(shape.size()) - 1}, std::move(parts));
}

absl::Status ImportGatherNd(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t batch_dims, op.Integer("batch_dims", int64_t{0}));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId indices, op.Input("indices"));
  const auto rank = static_cast<int64_t>(op.builder.ShapeOf(indices).size());
  if (rank < 1 || batch_dims < 0 || batch_dims >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat(batch_dims, " batch axes of indices of rank ", rank));
  }
  if (batch_dims > 0) {
    NBITS_ASSIGN_OR_RETURN(indices, WithBatchCoordinates(op, indices, batch_dims));
  }
  return op.Finish(GatherNd{}, {x, indices});
}

absl::Status ImportOneHot(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId indices, op.Input("indices"));
  OneHot one_hot;
  NBITS_ASSIGN_OR_RETURN(one_hot.size, op.Integer("one_hot_vector_size"));
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{-1}));
  NBITS_ASSIGN_OR_RETURN(one_hot.axis, ResolveAxis(stated, op.builder.ShapeOf(indices).size() + 1));
  NBITS_ASSIGN_OR_RETURN(one_hot.on, op.Float("on_value", 1));
  NBITS_ASSIGN_OR_RETURN(one_hot.off, op.Float("off_value", 0));
  if (one_hot.size < 1) return absl::InvalidArgumentError("vectors without values");
  return op.Finish(one_hot, {indices});
}

}  // namespace

std::span<const OperationKind> LookupOperations() {
  static constexpr OperationKind kKinds[] = {
      {"gather", ImportGather},
      {"gather_along_axis", ImportGatherAlongAxis},
      {"gather_nd", ImportGatherNd},
      {"one_hot", ImportOneHot},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

// SPDX-License-Identifier: Apache-2.0
// Imports operations along axes: sums, extremes, order.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

using R = ReduceOperation;

absl::StatusOr<TensorId> AddReduce(const Operation& op, ReduceOperation operation) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  const Shape shape = op.builder.ShapeOf(x);
  NBITS_ASSIGN_OR_RETURN(std::vector<int> axes, op.Axes(shape.size()));
  NBITS_ASSIGN_OR_RETURN(const bool keep, op.Flag("keep_dims", false));
  NBITS_ASSIGN_OR_RETURN(const TensorId y,
                         op.builder.AddOne(Reduce{operation, axes, true, 0}, {x}));
  if (keep) return y;
  Shape kept;
  for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
    if (!std::binary_search(axes.begin(), axes.end(), axis)) {
      kept.push_back(shape[static_cast<size_t>(axis)]);
    }
  }
  return op.Reshaped(y, std::move(kept));
}

template <ReduceOperation operation>
absl::Status ImportReduce(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId y, AddReduce(op, operation));
  return op.Finish({y});
}

// The logarithm of the sum.
absl::Status ImportLogSum(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId sum, AddReduce(op, R::kSum));
  return op.Finish(Unary{UnaryFunction::kLog}, {sum});
}

absl::Status ImportExtreme(Operation& op, bool largest) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{-1}));
  NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(const bool keep, op.Flag("keep_dims", false));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.builder.AddOne(ArgExtreme{largest, axis, true}, {x}));
  if (!keep) {
    Shape shape = op.builder.ShapeOf(y);
    shape.erase(shape.begin() + axis);
    NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, std::move(shape)));
  }
  return op.Finish({y});
}

absl::Status ImportArgmax(Operation& op) { return ImportExtreme(op, true); }
absl::Status ImportArgmin(Operation& op) { return ImportExtreme(op, false); }

absl::Status ImportCumulativeSum(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{0}));
  CumulativeSum sum;
  NBITS_ASSIGN_OR_RETURN(sum.axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(sum.exclusive, op.Flag("exclusive", false));
  NBITS_ASSIGN_OR_RETURN(sum.reverse, op.Flag("reverse", false));
  return op.FinishOn(sum);
}

absl::Status ImportTopK(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{-1}));
  TopK best;
  NBITS_ASSIGN_OR_RETURN(best.axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(best.count, op.Integer("k", int64_t{1}));
  if (best.count == -1) best.count = shape[static_cast<size_t>(best.axis)];
  NBITS_ASSIGN_OR_RETURN(const bool ascending, op.Flag("ascending", false));
  best.largest = !ascending;
  return op.FinishOn(best);
}

absl::Status ImportArgSort(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{-1}));
  NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(const bool ascending, op.Flag("ascending", false));
  return op.FinishOn(ArgSort{axis, !ascending});
}

}  // namespace

std::span<const OperationKind> ReduceOperations() {
  static constexpr OperationKind kKinds[] = {
      {"argsort", ImportArgSort},
      {"cumsum", ImportCumulativeSum},
      {"reduce_argmax", ImportArgmax},
      {"reduce_argmin", ImportArgmin},
      {"reduce_l1_norm", ImportReduce<R::kL1>},
      {"reduce_l2_norm", ImportReduce<R::kL2>},
      {"reduce_log_sum", ImportLogSum},
      {"reduce_log_sum_exp", ImportReduce<R::kLogSumExp>},
      {"reduce_max", ImportReduce<R::kMaximum>},
      {"reduce_mean", ImportReduce<R::kMean>},
      {"reduce_min", ImportReduce<R::kMinimum>},
      {"reduce_prod", ImportReduce<R::kProduct>},
      {"reduce_sum", ImportReduce<R::kSum>},
      {"reduce_sum_square", ImportReduce<R::kSumOfSquares>},
      {"topk", ImportTopK},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

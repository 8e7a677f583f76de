// SPDX-License-Identifier: Apache-2.0
// Shapes of operations along axes: reductions, sorting, normalisation.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

// One input, and `axis` is one of its axes.
absl::Status CheckAxis(std::span<const Shape> inputs, int axis) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  if (axis < 0) return absl::InvalidArgumentError(absl::StrCat("axis ", axis));
  return ResolveAxis(axis, inputs[0].size()).status();
}

absl::StatusOr<Shapes> SameShape(std::span<const Shape> inputs, int axis) {
  NBITS_RETURN_IF_ERROR(CheckAxis(inputs, axis));
  return Shapes{inputs[0]};
}

}  // namespace

absl::StatusOr<Shapes> Infer(const Graph&, const Reduce& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  Shape kept = inputs[0];
  int previous = -1;
  for (int axis : op.axes) {
    NBITS_RETURN_IF_ERROR(CheckAxis(inputs, axis));
    if (axis <= previous) return absl::InvalidArgumentError("reduction axes repeat");
    kept[axis] = 1;
    previous = axis;
  }
  if (op.keep_axes) return Shapes{kept};
  for (auto axis = op.axes.rbegin(); axis != op.axes.rend(); ++axis) {
    kept.erase(kept.begin() + *axis);
  }
  return Shapes{kept};
}

absl::StatusOr<Shapes> Infer(const Graph&, const ArgExtreme& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckAxis(inputs, op.axis));
  Shape shape = inputs[0];
  if (op.keep_axis) {
    shape[op.axis] = 1;
  } else {
    shape.erase(shape.begin() + op.axis);
  }
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const CumulativeSum& op, std::span<const Shape> inputs) {
  return SameShape(inputs, op.axis);
}

absl::StatusOr<Shapes> Infer(const Graph&, const TopK& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckAxis(inputs, op.axis));
  if (op.count < 1 || op.count > inputs[0][op.axis]) {
    return absl::InvalidArgumentError(
        absl::StrCat("the best ", op.count, " of ", inputs[0][op.axis], " values"));
  }
  Shape shape = inputs[0];
  shape[op.axis] = op.count;
  return Shapes{shape, shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const ArgSort& op, std::span<const Shape> inputs) {
  return SameShape(inputs, op.axis);
}

absl::StatusOr<Shapes> Infer(const Graph&, const Softmax& op, std::span<const Shape> inputs) {
  return SameShape(inputs, op.axis);
}

absl::StatusOr<Shapes> Infer(const Graph&, const Normalize& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckAxis(inputs, op.first_axis));
  const Shape& shape = inputs[0];
  int64_t length = 0;
  if (op.affine == Normalize::Affine::kChannel) {
    NBITS_RETURN_IF_ERROR(CheckRank(shape, 3));
    length = shape[shape.size() - 3];
  } else if (op.affine == Normalize::Affine::kElement) {
    length = Product(shape, op.first_axis, shape.size());
  }
  if (static_cast<int64_t>(op.scale.size()) != length || op.offset.size() != op.scale.size()) {
    return absl::InvalidArgumentError(absl::StrCat(op.scale.size(), " and ", op.offset.size(),
                                                   " parameters (expected ", length, ")"));
  }
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const L2Normalize&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 3));
  return Shapes{inputs[0]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const LocalResponse& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 3));
  if (op.size < 1 || op.size > kMaxElements) {
    return absl::InvalidArgumentError(absl::StrCat("window of ", op.size, " channels"));
  }
  return Shapes{inputs[0]};
}

}  // namespace nbits::graph

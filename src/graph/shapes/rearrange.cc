// SPDX-License-Identifier: Apache-2.0
// Shapes of operations that move values without changing them.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

absl::Status CheckPerAxis(const Shape& input, size_t values) {
  if (input.size() == values) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(values, " values for the axes of shape ", ShapeText(input)));
}

absl::StatusOr<Shape> StackShape(const Concat& op, std::span<const Shape> inputs) {
  Shape shape = inputs[0];
  if (op.axis < 0 || op.axis > static_cast<int>(shape.size())) {
    return absl::InvalidArgumentError(absl::StrCat("stacking along axis ", op.axis));
  }
  for (const Shape& input : inputs) {
    if (input != shape) return absl::InvalidArgumentError("stacked inputs differ in shape");
  }
  shape.insert(shape.begin() + op.axis, static_cast<int64_t>(inputs.size()));
  return shape;
}

absl::StatusOr<Shape> ConcatShape(const Concat& op, std::span<const Shape> inputs) {
  Shape shape = inputs[0];
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, shape.size()));
  int64_t total = 0;
  for (const Shape& input : inputs) {
    Shape expected = shape;
    if (input.size() == shape.size()) expected[axis] = input[axis];
    if (input != expected || (op.interleave && input != shape)) {
      return absl::InvalidArgumentError(absl::StrCat("joining ", ShapeText(shape), " and ",
                                                     ShapeText(input), " along axis ", axis));
    }
    total += input[axis];
  }
  shape[axis] = total;
  return shape;
}

absl::Status CheckSlice(const Slice& op, const Shape& input, size_t axis) {
  const int64_t last = op.begin[axis] + (op.count[axis] - 1) * op.step[axis];
  const bool sane = op.count[axis] >= 1 && op.count[axis] <= input[axis] && op.begin[axis] >= 0 &&
                    op.begin[axis] < input[axis] && last >= 0 && last < input[axis];
  if (sane) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("slice of ", op.count[axis], " values from ",
                                                 op.begin[axis], " in steps of ", op.step[axis],
                                                 " out of ", input[axis]));
}

absl::Status CheckPadding(const Pad& op, const Shape& input, size_t axis) {
  const int64_t extent = input[axis];
  const int64_t limit = op.mode == PadMode::kReflect ? extent - 1 : kMaxElements;
  for (int64_t amount : {op.before[axis], op.after[axis]}) {
    if (amount < 0 || amount > limit) {
      return absl::InvalidArgumentError(
          absl::StrCat("padding of ", amount, " beside ", extent, " values"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Shapes> Infer(const Graph&, const Concat& op, std::span<const Shape> inputs) {
  if (inputs.empty()) return absl::InvalidArgumentError("nothing to join");
  NBITS_ASSIGN_OR_RETURN(Shape shape, op.stack ? StackShape(op, inputs) : ConcatShape(op, inputs));
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Split& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, inputs[0].size()));
  Shapes shapes;
  int64_t total = 0;
  for (int64_t size : op.sizes) {
    if (size < 1 || size > inputs[0][axis])
      return absl::InvalidArgumentError("split of wrong size");
    shapes.push_back(inputs[0]);
    shapes.back()[axis] = size;
    total += size;
  }
  if (total != inputs[0][axis]) {
    return absl::InvalidArgumentError(
        absl::StrCat("split of ", inputs[0][axis], " values into parts of ", total, " in all"));
  }
  return shapes;
}

absl::StatusOr<Shapes> Infer(const Graph&, const Slice& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  for (size_t values : {op.begin.size(), op.step.size(), op.count.size()}) {
    NBITS_RETURN_IF_ERROR(CheckPerAxis(inputs[0], values));
  }
  for (size_t axis = 0; axis < op.begin.size(); ++axis) {
    NBITS_RETURN_IF_ERROR(CheckSlice(op, inputs[0], axis));
  }
  return Shapes{op.count};
}

absl::StatusOr<Shapes> Infer(const Graph&, const ReverseSequence& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_ASSIGN_OR_RETURN(const int batch, ResolveAxis(op.batch_axis, inputs[0].size()));
  NBITS_ASSIGN_OR_RETURN(const int sequence, ResolveAxis(op.sequence_axis, inputs[0].size()));
  if (batch == sequence || inputs[1] != Shape{inputs[0][batch]}) {
    return absl::InvalidArgumentError(absl::StrCat("lengths of shape ", ShapeText(inputs[1]),
                                                   " for the axes ", batch, " and ", sequence,
                                                   " of ", ShapeText(inputs[0])));
  }
  return Shapes{inputs[0]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Tile& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckPerAxis(inputs[0], op.repetitions.size()));
  Shape shape = inputs[0];
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (op.repetitions[axis] < 1 || op.repetitions[axis] > kMaxElements) {
      return absl::InvalidArgumentError(absl::StrCat(op.repetitions[axis], " repetitions"));
    }
    shape[axis] *= op.repetitions[axis];
  }
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Transpose& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckPerAxis(inputs[0], op.order.size()));
  Shape shape;
  std::vector<bool> seen(op.order.size());
  for (int axis : op.order) {
    if (axis < 0 || static_cast<size_t>(axis) >= seen.size() || seen[axis]) {
      return absl::InvalidArgumentError("axes are not a permutation");
    }
    seen[axis] = true;
    shape.push_back(inputs[0][axis]);
  }
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Reshape& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, CheckedElementCount(op.shape));
  if (count != Product(inputs[0])) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape ", ShapeText(inputs[0]), " cannot become ", ShapeText(op.shape)));
  }
  return Shapes{op.shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Pad& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckPerAxis(inputs[0], op.before.size()));
  NBITS_RETURN_IF_ERROR(CheckPerAxis(inputs[0], op.after.size()));
  Shape shape = inputs[0];
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    NBITS_RETURN_IF_ERROR(CheckPadding(op, inputs[0], axis));
    shape[axis] += op.before[axis] + op.after[axis];
  }
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const MatrixBand&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 2));
  return Shapes{inputs[0]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Reformat&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  return Shapes{inputs[0]};
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Imports operations that cut a part out of their input, or put one in.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

Slice Whole(const Shape& shape) {
  return {std::vector<int64_t>(shape.size(), 0), std::vector<int64_t>(shape.size(), 1), shape};
}

// A slice in NumPy's notation, resolved against an input; `squeeze` tells the axes that are
// dropped.
struct ResolvedSlice {
  Slice slice;
  std::vector<bool> squeeze;

  Shape result() const {
    Shape shape;
    for (size_t axis = 0; axis < squeeze.size(); ++axis) {
      if (!squeeze[axis]) shape.push_back(slice.count[axis]);
    }
    return shape;
  }
};

struct Bounds {
  std::vector<int64_t> begin, end, stride;
  std::vector<bool> from_start, to_end, squeeze;
};

absl::StatusOr<Bounds> ReadBounds(const Operation& op, size_t rank) {
  Bounds bounds;
  NBITS_ASSIGN_OR_RETURN(bounds.begin, op.Integers("begin"));
  NBITS_ASSIGN_OR_RETURN(bounds.end, op.Integers("end"));
  NBITS_ASSIGN_OR_RETURN(bounds.stride, op.Integers("stride", std::vector<int64_t>(rank, 1)));
  NBITS_ASSIGN_OR_RETURN(bounds.from_start, op.Flags("begin_mask", rank));
  NBITS_ASSIGN_OR_RETURN(bounds.to_end, op.Flags("end_mask", rank));
  NBITS_ASSIGN_OR_RETURN(bounds.squeeze, op.Flags("squeeze_mask", rank));
  if (bounds.begin.size() == rank && bounds.end.size() == rank && bounds.stride.size() == rank) {
    return bounds;
  }
  return absl::InvalidArgumentError(absl::StrCat(bounds.begin.size(), " begins, ",
                                                 bounds.end.size(), " ends and ",
                                                 bounds.stride.size(), " strides for rank ", rank));
}

// An index counted from the end when it is negative, moved into [lowest, highest].
int64_t Clamped(int64_t index, int64_t extent, int64_t lowest, int64_t highest) {
  return std::clamp(index < 0 ? index + extent : index, lowest, highest);
}

absl::Status SetAxis(const Bounds& bounds, size_t axis, int64_t extent, Slice& slice) {
  if (bounds.squeeze[axis]) {
    const int64_t place = bounds.begin[axis] < 0 ? bounds.begin[axis] + extent : bounds.begin[axis];
    if (place < 0 || place >= extent) {
      return absl::InvalidArgumentError(
          absl::StrCat("index ", bounds.begin[axis], " of ", extent, " values"));
    }
    slice.begin[axis] = place;
    slice.count[axis] = 1;
    return absl::OkStatus();
  }
  const int64_t step = bounds.stride[axis];
  if (step == 0) return absl::InvalidArgumentError("a stride of 0");
  const bool forward = step > 0;
  const int64_t lowest = forward ? 0 : -1, highest = forward ? extent : extent - 1;
  const int64_t begin = bounds.from_start[axis]
                            ? (forward ? 0 : extent - 1)
                            : Clamped(bounds.begin[axis], extent, lowest, highest);
  const int64_t end = bounds.to_end[axis] ? (forward ? extent : -1)
                                          : Clamped(bounds.end[axis], extent, lowest, highest);
  const int64_t distance = forward ? end - begin : begin - end, stride = forward ? step : -step;
  if (distance < 1) return absl::InvalidArgumentError("the slice is empty");
  slice.begin[axis] = begin;
  slice.step[axis] = step;
  slice.count[axis] = (distance + stride - 1) / stride;
  return absl::OkStatus();
}

absl::StatusOr<ResolvedSlice> Resolve(const Operation& op, const Shape& shape) {
  NBITS_ASSIGN_OR_RETURN(const Bounds bounds, ReadBounds(op, shape.size()));
  ResolvedSlice resolved{Whole(shape), bounds.squeeze};
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    NBITS_RETURN_IF_ERROR(SetAxis(bounds, axis, shape[axis], resolved.slice));
  }
  return resolved;
}

absl::Status ImportSliceByIndex(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const ResolvedSlice resolved, Resolve(op, op.builder.ShapeOf(x)));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.builder.AddOne(resolved.slice, {x}));
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, resolved.result()));
  return op.Finish({y});
}

absl::Status ImportSliceBySize(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  Slice slice = Whole(shape);
  NBITS_ASSIGN_OR_RETURN(slice.begin, op.Integers("begin"));
  NBITS_ASSIGN_OR_RETURN(slice.count, op.Integers("size"));
  if (slice.begin.size() != shape.size() || slice.count.size() != shape.size()) {
    return absl::InvalidArgumentError("other numbers of axes than the input has");
  }
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (slice.begin[axis] < 0) slice.begin[axis] += shape[axis];
    if (slice.count[axis] == -1) slice.count[axis] = shape[axis] - slice.begin[axis];
  }
  return op.FinishOn(std::move(slice));
}

// The entries of one axis that a slice takes, as indices.
absl::StatusOr<TensorId> Places(const Operation& op, const Slice& slice, size_t axis) {
  return op.builder.AddOne(Range{static_cast<float>(slice.begin[axis]),
                                 static_cast<float>(slice.step[axis]), slice.count[axis]},
                           {});
}

// x with the slice replaced by `update`: along the first axis that the slice does not take whole,
// entries are replaced by those of which the rest of the axes has been replaced.
absl::StatusOr<TensorId> Replaced(const Operation& op, const Slice& slice, size_t axis, TensorId x,
                                  TensorId update) {
  const Shape shape = op.builder.ShapeOf(x);
  const auto is_whole = [&](size_t i) {
    return slice.begin[i] == 0 && slice.step[i] == 1 && slice.count[i] == shape[i];
  };
  while (axis < shape.size() && is_whole(axis)) ++axis;
  if (axis == shape.size()) return update;
  Slice part = Whole(shape);
  part.begin[axis] = slice.begin[axis];
  part.step[axis] = slice.step[axis];
  part.count[axis] = slice.count[axis];
  NBITS_ASSIGN_OR_RETURN(const TensorId old, op.builder.AddOne(part, {x}));
  NBITS_ASSIGN_OR_RETURN(const TensorId fresh, Replaced(op, slice, axis + 1, old, update));
  NBITS_ASSIGN_OR_RETURN(const TensorId places, Places(op, slice, axis));
  return op.builder.AddOne(Scatter{static_cast<int>(axis), ScatterMode::kUpdate},
                           {x, places, fresh});
}

absl::Status ImportSliceUpdate(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const ResolvedSlice resolved, Resolve(op, op.builder.ShapeOf(x)));
  NBITS_ASSIGN_OR_RETURN(TensorId update, op.Input("update"));
  if (op.builder.ShapeOf(update) != resolved.result()) {
    return absl::InvalidArgumentError(
        absl::StrCat("an update of shape ", ShapeText(op.builder.ShapeOf(update)),
                     " for a slice of ", ShapeText(resolved.result())));
  }
  NBITS_ASSIGN_OR_RETURN(update, op.Reshaped(update, resolved.slice.count));
  NBITS_ASSIGN_OR_RETURN(const TensorId y, Replaced(op, resolved.slice, 0, x, update));
  return op.Finish({y});
}

// Amounts cut from height and width.
absl::Status ImportCrop(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> height, op.Integers("crop_height"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> width, op.Integers("crop_width"));
  if (shape.size() < 2 || height.size() != 2 || width.size() != 2) {
    return absl::InvalidArgumentError("crops of other than two axes");
  }
  Slice slice = Whole(shape);
  const size_t rows = shape.size() - 2, columns = shape.size() - 1;
  slice.begin[rows] = height[0];
  slice.count[rows] -= height[0] + height[1];
  slice.begin[columns] = width[0];
  slice.count[columns] -= width[0] + width[1];
  return op.FinishOn(std::move(slice));
}

}  // namespace

std::span<const OperationKind> SliceOperations() {
  static constexpr OperationKind kKinds[] = {
      {"crop", ImportCrop},
      {"slice_by_index", ImportSliceByIndex},
      {"slice_by_size", ImportSliceBySize},
      {"slice_update", ImportSliceUpdate},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

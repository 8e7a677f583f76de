// SPDX-License-Identifier: Apache-2.0
// Imports operations on shapes, and values made from shapes.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

// Up to opset iOS16 a 0 copies the input's extent at its place; later it copies counted from the
// last axis, and is 1 beyond the input's rank.
absl::Status FillZeros(const Operation& op, const Shape& input, Shape& shape) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 0) continue;
    if (op.opset() < kIos17) {
      if (shape.size() != input.size()) {
        return absl::InvalidArgumentError("an extent of 0 where ranks differ");
      }
      shape[i] = input[i];
    } else {
      const size_t from_last = shape.size() - i;
      shape[i] = from_last <= input.size() ? input[input.size() - from_last] : 1;
    }
  }
  return absl::OkStatus();
}

absl::Status InferExtent(int64_t count, Shape& shape) {
  const auto open = std::find(shape.begin(), shape.end(), -1);
  if (open == shape.end()) return absl::OkStatus();
  *open = 1;
  NBITS_ASSIGN_OR_RETURN(const int64_t others, CheckedElementCount(shape));
  if (count % others != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(count, " values do not fit ", ShapeText(shape), " and one more extent"));
  }
  *open = count / others;
  return absl::OkStatus();
}

absl::Status ImportReshape(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  const Shape input = op.builder.ShapeOf(x);
  NBITS_ASSIGN_OR_RETURN(Shape shape, op.Integers("shape"));
  NBITS_RETURN_IF_ERROR(FillZeros(op, input, shape));
  NBITS_RETURN_IF_ERROR(InferExtent(Product(input), shape));
  return op.Finish(Reshape{std::move(shape)}, {x});
}

// Extents [begin, end) of several tensors, one after the other.
absl::Status ImportReshapeLike(Operation& op) {
  Shape shape;
  for (size_t i = 0; i < op.Count("ref_tensors"); ++i) {
    NBITS_ASSIGN_OR_RETURN(const Shape reference, op.InputShape("ref_tensors", i));
    NBITS_ASSIGN_OR_RETURN(const auto begins, op.Integers("begins", i));
    NBITS_ASSIGN_OR_RETURN(const auto ends, op.Integers("ends", i));
    NBITS_ASSIGN_OR_RETURN(const auto masks, op.Floats("end_masks", i));
    if (begins.size() != 1 || ends.size() != 1 || masks.size() != 1) {
      return absl::InvalidArgumentError("other than one number for a tensor");
    }
    const auto rank = static_cast<int64_t>(reference.size());
    const auto resolve = [rank](int64_t axis) {
      return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
    };
    const int64_t end = masks[0] != 0 ? rank : resolve(ends[0]);
    for (int64_t axis = resolve(begins[0]); axis < end; ++axis) {
      shape.push_back(reference[static_cast<size_t>(axis)]);
    }
  }
  return op.FinishOn(Reshape{std::move(shape)});
}

// A named axis of another extent than 1 stays.
absl::Status ImportSqueeze(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, op.InputShape("x"));
  std::vector<bool> dropped(input.size(), !op.Has("axes"));
  if (op.Has("axes")) {
    NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> axes, op.Integers("axes"));
    for (const int64_t stated : axes) {
      NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
      dropped[static_cast<size_t>(axis)] = true;
    }
  }
  Shape shape;
  for (size_t axis = 0; axis < input.size(); ++axis) {
    if (!dropped[axis] || input[axis] != 1) shape.push_back(input[axis]);
  }
  return op.FinishOn(Reshape{std::move(shape)});
}

// Axes count in the result's rank.
absl::Status ImportExpandDims(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> stated, op.Integers("axes"));
  const size_t rank = shape.size() + stated.size();
  std::vector<int> axes;
  for (const int64_t axis : stated) {
    NBITS_ASSIGN_OR_RETURN(axes.emplace_back(), ResolveAxis(axis, rank));
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
    return absl::InvalidArgumentError("axes repeat");
  }
  for (const int axis : axes) shape.insert(shape.begin() + axis, 1);
  return op.FinishOn(Reshape{std::move(shape)});
}

absl::Status ImportFlatten2d(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(int64_t axis, op.Integer("axis", int64_t{1}));
  const auto rank = static_cast<int64_t>(shape.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) return absl::InvalidArgumentError(absl::StrCat("axis ", axis));
  return op.FinishOn(Reshape{{Product(shape, 0, static_cast<size_t>(axis)),
                              Product(shape, static_cast<size_t>(axis), shape.size())}});
}

absl::Status ImportShape(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  if (shape.empty()) return absl::InvalidArgumentError("a scalar has no extents");
  NBITS_ASSIGN_OR_RETURN(
      const TensorId extents,
      op.builder.AddConstant({shape.begin(), shape.end()}, {static_cast<int64_t>(shape.size())}));
  return op.Finish({extents});
}

absl::Status ImportFill(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, op.Integers("shape"));
  NBITS_ASSIGN_OR_RETURN(const float value, op.Float("value", 0));
  return op.Finish(Fill{value, std::move(shape)}, {});
}

absl::Status ImportFillLike(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, op.InputShape("ref_tensor"));
  NBITS_ASSIGN_OR_RETURN(const float value, op.Float("value", 0));
  return op.Finish(Fill{value, std::move(shape)}, {});
}

absl::Status ImportRange(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const float start, op.Float("start"));
  NBITS_ASSIGN_OR_RETURN(const float end, op.Float("end"));
  NBITS_ASSIGN_OR_RETURN(const float step, op.Float("step"));
  const double count = std::ceil((double{end} - start) / step);
  if (!(count >= 1 && count <= static_cast<double>(kMaxElements))) {
    return absl::InvalidArgumentError(
        absl::StrCat("a range from ", start, " to ", end, " in steps of ", step));
  }
  return op.Finish(Range{start, step, static_cast<int64_t>(count)}, {});
}

// The places of all values but 0, a row of indices each; how many there are is known only once the
// values are.
absl::Status ImportNonZero(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, op.builder.Values(x));
  std::vector<float> places;
  int64_t count = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    ++count;
    auto rest = static_cast<int64_t>(i);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      const int64_t inner = Product(shape, axis + 1, shape.size());
      places.push_back(static_cast<float>(rest / inner));
      rest %= inner;
    }
  }
  if (count == 0) return absl::InvalidArgumentError("all values are 0: the result would be empty");
  NBITS_ASSIGN_OR_RETURN(
      const TensorId rows,
      op.builder.AddConstant(std::move(places), {count, static_cast<int64_t>(shape.size())}));
  return op.Finish({rows});
}

}  // namespace

std::span<const OperationKind> ReshapeOperations() {
  static constexpr OperationKind kKinds[] = {
      {"expand_dims", ImportExpandDims},
      {"fill", ImportFill},
      {"fill_like", ImportFillLike},
      {"flatten2d", ImportFlatten2d},
      {"non_zero", ImportNonZero},
      {"range_1d", ImportRange},
      {"reshape", ImportReshape},
      {"reshape_like", ImportReshapeLike},
      {"shape", ImportShape},
      {"squeeze", ImportSqueeze},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

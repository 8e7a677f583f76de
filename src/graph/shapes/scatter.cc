// Shapes of operations that put values in by index.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

// The container's shape, once the updates have the shape they must have.
absl::StatusOr<Shapes> CheckUpdates(std::span<const Shape> inputs, const Shape& expected) {
  if (inputs[2] == expected) return Shapes{inputs[0]};
  return absl::InvalidArgumentError(absl::StrCat("updates of shape ", ShapeText(inputs[2]),
                                                 " (expected ", ShapeText(expected), ")"));
}

}  // namespace

absl::StatusOr<Shapes> Infer(const Graph&, const Scatter& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 3));
  Shape expected = inputs[0];
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, expected.size()));
  expected.erase(expected.begin() + axis);
  expected.insert(expected.begin() + axis, inputs[1].begin(), inputs[1].end());
  return CheckUpdates(inputs, expected);
}

absl::StatusOr<Shapes> Infer(const Graph&, const ScatterAlongAxis& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 3));
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, inputs[0].size()));
  Shape expected = inputs[0];
  if (inputs[1].size() == expected.size()) expected[axis] = inputs[1][axis];
  if (inputs[1] != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices of shape ", ShapeText(inputs[1]), " into ", ShapeText(inputs[0])));
  }
  return CheckUpdates(inputs, expected);
}

absl::StatusOr<Shapes> Infer(const Graph&, const ScatterNd&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 3));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[1], 1));
  const int64_t depth = inputs[1].back();
  if (depth > static_cast<int64_t>(inputs[0].size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices of ", depth, " numbers into shape ", ShapeText(inputs[0])));
  }
  Shape expected(inputs[1].begin(), inputs[1].end() - 1);
  expected.insert(expected.end(), inputs[0].begin() + depth, inputs[0].end());
  return CheckUpdates(inputs, expected);
}

}  // namespace nbits::graph

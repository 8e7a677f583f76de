// SPDX-License-Identifier: Apache-2.0
// Shapes of operations that put values in by index.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/indices.h"
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
  NBITS_ASSIGN_OR_RETURN(const Shape updates, ShapeOfSlices(inputs[0], op.axis, inputs[1]));
  return CheckUpdates(inputs, updates);
}

absl::StatusOr<Shapes> Infer(const Graph&, const ScatterAlongAxis& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 3));
  NBITS_ASSIGN_OR_RETURN(const Shape updates, ShapeAlongAxis(inputs[0], op.axis, inputs[1]));
  return CheckUpdates(inputs, updates);
}

absl::StatusOr<Shapes> Infer(const Graph&, const ScatterNd&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 3));
  NBITS_ASSIGN_OR_RETURN(const Shape updates, ShapeOfPlaces(inputs[0], inputs[1]));
  return CheckUpdates(inputs, updates);
}

}  // namespace nbits::graph

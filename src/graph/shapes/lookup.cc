// SPDX-License-Identifier: Apache-2.0
// Shapes of operations that look values up by index.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/indices.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {

absl::StatusOr<Shapes> Infer(const Graph& graph, const Embedding& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckWeight(graph, op.weight, {op.channels, op.dictionary}));
  NBITS_RETURN_IF_ERROR(CheckLength(op.bias, op.channels, op.channels, "bias"));
  NBITS_ASSIGN_OR_RETURN(const int64_t output, CheckedElementCount(op.output_shape));
  const int64_t indices = Product(inputs[0]);
  if (output % op.channels != 0 || output / op.channels != indices) {
    return absl::InvalidArgumentError(absl::StrCat("indices of shape ", ShapeText(inputs[0])));
  }
  return Shapes{op.output_shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Gather& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, ShapeOfSlices(inputs[0], op.axis, inputs[1]));
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const GatherAlongAxis& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, ShapeAlongAxis(inputs[0], op.axis, inputs[1]));
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const GatherNd&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, ShapeOfPlaces(inputs[0], inputs[1]));
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const OneHot& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  Shape shape = inputs[0];
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, shape.size() + 1));
  shape.insert(shape.begin() + axis, op.size);
  return Shapes{shape};
}

}  // namespace nbits::graph

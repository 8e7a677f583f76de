// Shapes of operations that look values up by index.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
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
  Shape shape = inputs[0];
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, shape.size()));
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, inputs[1].begin(), inputs[1].end());
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const GatherAlongAxis& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, inputs[0].size()));
  Shape expected = inputs[0];
  if (inputs[1].size() == expected.size()) expected[axis] = inputs[1][axis];
  if (inputs[1] != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices of shape ", ShapeText(inputs[1]), " into ", ShapeText(inputs[0])));
  }
  return Shapes{inputs[1]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const GatherNd&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[1], 1));
  const int64_t depth = inputs[1].back();
  if (depth > static_cast<int64_t>(inputs[0].size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices of ", depth, " numbers into shape ", ShapeText(inputs[0])));
  }
  Shape shape(inputs[1].begin(), inputs[1].end() - 1);
  shape.insert(shape.end(), inputs[0].begin() + depth, inputs[0].end());
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

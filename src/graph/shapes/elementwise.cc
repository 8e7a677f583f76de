// SPDX-License-Identifier: Apache-2.0
// Shapes of operations that work value by value.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

absl::StatusOr<int64_t> Channels(std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 3));
  return inputs[0][inputs[0].size() - 3];
}

}  // namespace

absl::StatusOr<Shapes> Infer(const Graph& graph, const Constant& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 0));
  if (op.weight < 0 || static_cast<size_t>(op.weight) >= graph.weights.size()) {
    return absl::InvalidArgumentError("the constant has no values");
  }
  return Shapes{graph.weights[op.weight].shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Fill& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 0));
  return Shapes{op.shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Range& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 0));
  return Shapes{{op.count}};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Unary&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  return Shapes{inputs[0]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const ChannelActivation& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, inputs[0].size()));
  const int64_t channels = inputs[0][axis];
  const bool softplus = op.function == ChannelActivation::Function::kParametricSoftplus;
  if (op.alpha.empty() || (softplus && op.beta.empty())) {
    return absl::InvalidArgumentError("activation without its parameters");
  }
  NBITS_RETURN_IF_ERROR(CheckLength(op.alpha, channels, 1, "alpha"));
  NBITS_RETURN_IF_ERROR(CheckLength(op.beta, channels, 1, "beta"));
  return Shapes{inputs[0]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const ChannelAffine& op, std::span<const Shape> inputs) {
  NBITS_ASSIGN_OR_RETURN(const int64_t channels, Channels(inputs));
  if (static_cast<int64_t>(op.scale.size()) != channels || op.offset.size() != op.scale.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters of ", op.scale.size(), " channels for an input of ", channels));
  }
  return Shapes{inputs[0]};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Binary&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_ASSIGN_OR_RETURN(Shape shape, BroadcastShapes(inputs[0], inputs[1]));
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Select&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 3));
  NBITS_ASSIGN_OR_RETURN(const Shape values, BroadcastShapes(inputs[1], inputs[2]));
  NBITS_ASSIGN_OR_RETURN(Shape shape, BroadcastShapes(inputs[0], values));
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const BroadcastTo& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(inputs[0], op.shape));
  if (shape != op.shape) {
    return absl::InvalidArgumentError(absl::StrCat("shape ", ShapeText(inputs[0]),
                                                   " does not broadcast to ", ShapeText(op.shape)));
  }
  return Shapes{shape};
}

}  // namespace nbits::graph

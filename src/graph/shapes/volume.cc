// SPDX-License-Identifier: Apache-2.0
// Shapes of operations on depth, height and width.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/axis_window.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

// The input is [B, C, D, H, W] and the windows are sane.
absl::Status CheckVolume(std::span<const Shape> inputs, const VolumeWindow& window) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  if (inputs[0].size() != 5) {
    return absl::InvalidArgumentError(
        absl::StrCat("input of shape ", ShapeText(inputs[0]), " (expected rank 5)"));
  }
  for (const AxisWindow& axis : window) NBITS_RETURN_IF_ERROR(CheckWindow(axis));
  return absl::OkStatus();
}

Shape WithVolume(Shape shape, const Volume& volume) {
  for (size_t axis = 0; axis < 3; ++axis) shape[2 + axis] = volume[axis];
  return shape;
}

Shape WeightShape(const Convolution3d& op, int64_t channels) {
  Shape shape = op.transposed ? Shape{channels, op.output_channels / op.groups}
                              : Shape{op.output_channels, channels / op.groups};
  for (const AxisWindow& axis : op.window) shape.push_back(axis.kernel);
  return shape;
}

}  // namespace

absl::StatusOr<Shapes> Infer(const Graph& graph, const Convolution3d& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckVolume(inputs, op.window));
  const int64_t channels = inputs[0][1];
  if (op.groups < 1 || op.output_channels < 1 || channels % op.groups != 0 ||
      op.output_channels % op.groups != 0) {
    return absl::InvalidArgumentError(absl::StrCat(op.groups, " groups for ", channels,
                                                   " input and ", op.output_channels,
                                                   " output channels"));
  }
  NBITS_RETURN_IF_ERROR(CheckWeight(graph, op.weight, WeightShape(op, channels)));
  NBITS_RETURN_IF_ERROR(CheckLength(op.bias, op.output_channels, op.output_channels, "bias"));
  Shape shape = WithVolume(inputs[0], op.output);
  shape[1] = op.output_channels;
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Pool3d& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckVolume(inputs, op.window));
  return Shapes{WithVolume(inputs[0], op.output)};
}

}  // namespace nbits::graph

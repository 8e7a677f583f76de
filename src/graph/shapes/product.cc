// SPDX-License-Identifier: Apache-2.0
// Shapes of convolution, pooling, products and recurrent layers.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"
#include "graph/window.h"

namespace nbits::graph {
namespace {

Shape WithPlane(Shape shape, const Pair& plane) {
  shape[shape.size() - 2] = plane[0];
  shape[shape.size() - 1] = plane[1];
  return shape;
}

absl::Status CheckGroups(const Convolution& op, int64_t channels) {
  if (op.groups < 1 || op.output_channels < 1 || channels % op.groups != 0 ||
      op.output_channels % op.groups != 0) {
    return absl::InvalidArgumentError(absl::StrCat(op.groups, " groups for ", channels,
                                                   " input and ", op.output_channels,
                                                   " output channels"));
  }
  return absl::OkStatus();
}

absl::Status CheckDirection(const Graph& graph, const Recurrent& op,
                            const RecurrentDirection& direction) {
  constexpr size_t kGates[] = {1, 3, 4}, kActivations[] = {1, 2, 3};
  const size_t kind = static_cast<size_t>(op.kind);
  if (direction.weights.size() != kGates[kind] || direction.recursions.size() != kGates[kind] ||
      direction.activations.size() != kActivations[kind] ||
      (!direction.biases.empty() && direction.biases.size() != kGates[kind]) ||
      (!direction.peepholes.empty() && direction.peepholes.size() != 3)) {
    return absl::InvalidArgumentError("incomplete recurrent layer");
  }
  for (size_t gate = 0; gate < kGates[kind]; ++gate) {
    NBITS_RETURN_IF_ERROR(
        CheckWeight(graph, direction.weights[gate], {op.hidden_size, op.input_size}));
    NBITS_RETURN_IF_ERROR(
        CheckWeight(graph, direction.recursions[gate], {op.hidden_size, op.hidden_size}));
  }
  for (const auto* vectors : {&direction.biases, &direction.peepholes}) {
    for (const std::vector<float>& values : *vectors) {
      if (static_cast<int64_t>(values.size()) != op.hidden_size) {
        return absl::InvalidArgumentError("vector of a recurrent layer has a wrong length");
      }
    }
  }
  return absl::OkStatus();
}

// Mostly a sequence whose steps were given as if they were sequences side by side.
absl::Status StateMismatch(const Shape& initial, const Shape& state, int64_t input_size) {
  std::string text =
      absl::StrCat("state of shape ", ShapeText(initial), " (expected ", ShapeText(state), ")");
  if (state[1] > 1) {
    absl::StrAppend(&text, ": the input holds ", state[1],
                    " sequences side by side; one sequence is of shape steps x 1 x ", input_size);
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace

absl::StatusOr<Shapes> Infer(const Graph& graph, const Convolution& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 3));
  NBITS_RETURN_IF_ERROR(CheckWindow(op.window));
  const size_t channel_axis = inputs[0].size() - 3;
  const int64_t channels = inputs[0][channel_axis];
  NBITS_RETURN_IF_ERROR(CheckGroups(op, channels));
  const Pair& kernel = op.window.kernel;
  const Shape weights = op.transposed
                            ? Shape{channels, op.output_channels / op.groups, kernel[0], kernel[1]}
                            : Shape{op.output_channels, channels / op.groups, kernel[0], kernel[1]};
  NBITS_RETURN_IF_ERROR(CheckWeight(graph, op.weight, weights));
  NBITS_RETURN_IF_ERROR(CheckLength(op.bias, op.output_channels, op.output_channels, "bias"));
  Shape shape = WithPlane(inputs[0], op.output);
  shape[channel_axis] = op.output_channels;
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const DynamicConvolution& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 3));
  const Convolution& convolution = op.convolution;
  NBITS_RETURN_IF_ERROR(CheckWindow(convolution.window));
  const size_t channel_axis = inputs[0].size() - 3;
  const int64_t channels = inputs[0][channel_axis];
  NBITS_RETURN_IF_ERROR(CheckGroups(convolution, channels));
  const Pair& kernel = convolution.window.kernel;
  const Shape weights = {convolution.output_channels, channels / convolution.groups, kernel[0],
                         kernel[1]};
  if (inputs[1] != weights) {
    return absl::InvalidArgumentError(absl::StrCat("weights of shape ", ShapeText(inputs[1]),
                                                   " (expected ", ShapeText(weights), ")"));
  }
  NBITS_RETURN_IF_ERROR(CheckLength(convolution.bias, convolution.output_channels,
                                    convolution.output_channels, "bias"));
  Shape shape = WithPlane(inputs[0], convolution.output);
  shape[channel_axis] = convolution.output_channels;
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Pool& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 2));
  NBITS_RETURN_IF_ERROR(CheckWindow(op.window));
  return Shapes{WithPlane(inputs[0], op.output)};
}

absl::StatusOr<Shapes> Infer(const Graph& graph, const InnerProduct& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckWeight(graph, op.weight, {op.output_channels, op.input_channels}));
  NBITS_RETURN_IF_ERROR(CheckLength(op.bias, op.output_channels, op.output_channels, "bias"));
  NBITS_ASSIGN_OR_RETURN(const int64_t output, CheckedElementCount(op.output_shape));
  const int64_t input = Product(inputs[0]);
  if (input % op.input_channels != 0 || output % op.output_channels != 0 ||
      input / op.input_channels != output / op.output_channels) {
    return absl::InvalidArgumentError(absl::StrCat("input of shape ", ShapeText(inputs[0]), " for ",
                                                   op.input_channels, " input channels"));
  }
  return Shapes{op.output_shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const MatrixProduct& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  Shape a = inputs[0], b = inputs[1];
  NBITS_RETURN_IF_ERROR(CheckRank(a, 2));
  NBITS_RETURN_IF_ERROR(CheckRank(b, 2));
  if (op.transpose_a) std::swap(a[a.size() - 1], a[a.size() - 2]);
  if (op.transpose_b) std::swap(b[b.size() - 1], b[b.size() - 2]);
  if (a.back() != b[b.size() - 2]) {
    return absl::InvalidArgumentError(
        absl::StrCat("matrices ", ShapeText(a), " and ", ShapeText(b)));
  }
  NBITS_ASSIGN_OR_RETURN(Shape shape,
                         BroadcastShapes({a.begin(), a.end() - 2}, {b.begin(), b.end() - 2}));
  shape.push_back(a[a.size() - 2]);
  shape.push_back(b.back());
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph& graph, const Recurrent& op,
                             std::span<const Shape> inputs) {
  const size_t directions = op.directions.size();
  const size_t states = (op.kind == RecurrentKind::kLstm ? 2 : 1) * directions;
  if (inputs.empty() || (inputs.size() != 1 && inputs.size() != 1 + states)) {
    return absl::InvalidArgumentError(
        absl::StrCat(inputs.size(), " inputs (expected 1 or ", 1 + states, ")"));
  }
  if (op.state_outputs != 0 && op.state_outputs != static_cast<int>(states)) {
    return absl::InvalidArgumentError(
        absl::StrCat(op.state_outputs, " final states (expected ", states, ")"));
  }
  const Shape& x = inputs[0];
  if (x.size() != 5 || op.hidden_size < 1 || Product(x, 2, 5) != op.input_size) {
    return absl::InvalidArgumentError(absl::StrCat("input of shape ", ShapeText(x),
                                                   " (expected sequence x batch x ", op.input_size,
                                                   " x 1 x 1)"));
  }
  for (const RecurrentDirection& direction : op.directions) {
    NBITS_RETURN_IF_ERROR(CheckDirection(graph, op, direction));
  }
  const Shape state = {1, x[1], op.hidden_size, 1, 1};
  for (const Shape& initial : inputs.subspan(1)) {
    if (Product(initial) != Product(state)) {
      return StateMismatch(initial, state, op.input_size);
    }
  }
  Shapes shapes(1 + op.state_outputs, state);
  shapes[0][0] = op.sequence_output ? x[0] : 1;
  shapes[0][2] = op.hidden_size * static_cast<int64_t>(directions);
  return shapes;
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Imports layers that only give their values another shape.
#include <algorithm>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

// Replaces a single -1 by what is left of `count` elements, and checks every extent.
absl::StatusOr<Shape> ResolveShape(Shape shape, int64_t count) {
  int64_t known = 1;
  int64_t* open = nullptr;
  for (int64_t& extent : shape) {
    if (extent == -1 && open == nullptr) {
      open = &extent;
    } else if (extent < 1 || extent > kMaxElements || known > kMaxElements) {
      return absl::InvalidArgumentError(absl::StrCat("target shape ", ShapeText(shape)));
    } else {
      known *= extent;
    }
  }
  if (open != nullptr) *open = std::max<int64_t>(1, count / known);
  return shape;
}

absl::Status FinishReshape(Layer& layer, Shape target) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(Shape shape, ResolveShape(std::move(target), Product(input)));
  return layer.Finish(Reshape{std::move(shape)}, {layer.inputs[0]});
}

// The order that moves channels (axis -3) behind the width, or back to the front.
std::vector<int> ChannelOrder(size_t rank, bool to_last) {
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (to_last) {
    std::rotate(order.end() - 3, order.end() - 2, order.end());
  } else {
    std::rotate(order.end() - 3, order.end() - 1, order.end());
  }
  return order;
}

// Reads and writes the values with the channels varying fastest.
absl::Status ReshapeChannelLast(Layer& layer, Shape shape) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape(0, 3));
  const size_t rank = shape.size();
  NBITS_ASSIGN_OR_RETURN(
      TensorId value,
      layer.builder.AddOne(Transpose{ChannelOrder(input.size(), true)}, {layer.inputs[0]}));
  std::rotate(shape.end() - 3, shape.end() - 2, shape.end());
  NBITS_ASSIGN_OR_RETURN(value, layer.builder.AddOne(Reshape{std::move(shape)}, {value}));
  return layer.Finish(Transpose{ChannelOrder(rank, false)}, {value});
}

// Three values keep the sequence axis, four state it; the batch is kept.
absl::Status ImportReshape(Layer& layer) {
  const auto& params = layer.proto.reshape();
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape(0, 3));
  Shape target(params.targetshape().begin(), params.targetshape().end());
  if (target.size() != 3 && target.size() != 4) {
    return absl::InvalidArgumentError("target shape must have 3 or 4 extents");
  }
  if (target.size() == 3) {
    target.insert(target.begin(), input.begin(), input.end() - 3);
  } else if (input.size() == 5) {
    target.insert(target.begin() + 1, input[1]);
  }
  NBITS_ASSIGN_OR_RETURN(Shape shape, ResolveShape(std::move(target), Product(input)));
  if (params.mode() == schema::ReshapeLayerParams::CHANNEL_LAST) {
    return ReshapeChannelLast(layer, std::move(shape));
  }
  return layer.Finish(Reshape{std::move(shape)});
}

absl::Status ImportFlatten(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape(0, 3));
  Shape shape(input.begin(), input.end() - 3);
  shape.insert(shape.end(), {Product(input, input.size() - 3, input.size()), 1, 1});
  if (layer.proto.flatten().mode() == schema::FlattenLayerParams::CHANNEL_LAST) {
    return ReshapeChannelLast(layer, std::move(shape));
  }
  return layer.Finish(Reshape{std::move(shape)});
}

absl::Status ImportReshapeStatic(Layer& layer) {
  const auto& target = layer.proto.reshapestatic().targetshape();
  return FinishReshape(layer, Shape(target.begin(), target.end()));
}

absl::Status ImportReshapeDynamic(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(2, 2));
  NBITS_ASSIGN_OR_RETURN(std::vector<int64_t> target, layer.InputIntegers(1));
  return FinishReshape(layer, std::move(target));
}

absl::Status ImportReshapeLike(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, layer.InputShape(1));
  return FinishReshape(layer, std::move(shape));
}

// 0 keeps the input's extent.
absl::Status ImportRankPreserving(Layer& layer) {
  const auto& target = layer.proto.rankpreservingreshape().targetshape();
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape());
  Shape shape(target.begin(), target.end());
  if (shape.size() != input.size()) return absl::InvalidArgumentError("the rank is not preserved");
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) shape[i] = input[i];
  }
  return FinishReshape(layer, std::move(shape));
}

absl::Status ImportSqueeze(Layer& layer) {
  const auto& params = layer.proto.squeeze();
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape());
  std::set<int> axes;
  for (int64_t axis : params.axes()) {
    NBITS_ASSIGN_OR_RETURN(const int resolved, ResolveAxis(axis, input.size()));
    axes.insert(resolved);
  }
  Shape shape;
  for (size_t i = 0; i < input.size(); ++i) {
    const bool drop = params.squeezeall() ? input[i] == 1 : axes.count(static_cast<int>(i)) != 0;
    if (!drop) shape.push_back(input[i]);
  }
  if (shape.empty()) shape.push_back(1);
  return FinishReshape(layer, std::move(shape));
}

// Axes are those of the output.
absl::Status ImportExpandDims(Layer& layer) {
  const auto& params = layer.proto.expanddims();
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape());
  const size_t rank = input.size() + static_cast<size_t>(params.axes_size());
  std::set<int> axes;
  for (int64_t axis : params.axes()) {
    NBITS_ASSIGN_OR_RETURN(const int resolved, ResolveAxis(axis, rank));
    if (!axes.insert(resolved).second) return absl::InvalidArgumentError("axes repeat");
  }
  Shape shape = input;
  for (int axis : axes) shape.insert(shape.begin() + axis, 1);
  return FinishReshape(layer, std::move(shape));
}

absl::Status ImportFlattenTo2D(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape());
  int64_t axis = layer.proto.flattento2d().axis();
  if (axis < 0) axis += static_cast<int64_t>(input.size());
  if (axis < 0 || axis > static_cast<int64_t>(input.size())) {
    return absl::InvalidArgumentError("axis outside the input");
  }
  return FinishReshape(layer, {Product(input, 0, axis), Product(input, axis, input.size())});
}

}  // namespace

std::span<const LayerKind> ReshapeLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kReshape, "reshape", ImportReshape},
      {L::kFlatten, "flatten", ImportFlatten},
      {L::kReshapeStatic, "reshapeStatic", ImportReshapeStatic},
      {L::kReshapeDynamic, "reshapeDynamic", ImportReshapeDynamic},
      {L::kReshapeLike, "reshapeLike", ImportReshapeLike},
      {L::kRankPreservingReshape, "rankPreservingReshape", ImportRankPreserving},
      {L::kSqueeze, "squeeze", ImportSqueeze},
      {L::kExpandDims, "expandDims", ImportExpandDims},
      {L::kFlattenTo2D, "flattenTo2D", ImportFlattenTo2D},
  };
  return kKinds;
}

}  // namespace nbits::graph

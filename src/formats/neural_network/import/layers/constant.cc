// SPDX-License-Identifier: Apache-2.0
// Imports layers that make values from nothing, and broadcasts.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

absl::Status ImportConstant(Layer& layer, const schema::WeightParams& data, Shape shape) {
  NBITS_ASSIGN_OR_RETURN(const WeightId weight, layer.Weight(data, std::move(shape)));
  return layer.Finish(Constant{weight}, {});
}

absl::Status ImportLoadConstant(Layer& layer) {
  const auto& params = layer.proto.loadconstant();
  NBITS_ASSIGN_OR_RETURN(Shape shape, CheckedShape(AsSpan(params.shape())));
  // Of rank 5 also where other arrays have the rank that the file says.
  shape.insert(shape.begin(), 5 - std::min<size_t>(5, shape.size()), 1);
  return ImportConstant(layer, params.data(), std::move(shape));
}

absl::Status ImportLoadConstantNd(Layer& layer) {
  const auto& params = layer.proto.loadconstantnd();
  NBITS_ASSIGN_OR_RETURN(Shape shape, CheckedShape(AsSpan(params.shape())));
  return ImportConstant(layer, params.data(), std::move(shape));
}

absl::Status ImportFillLike(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, layer.InputShape());
  return layer.Finish(Fill{layer.proto.filllike().value(), std::move(shape)}, {});
}

absl::Status ImportFillStatic(Layer& layer) {
  const auto& params = layer.proto.fillstatic();
  NBITS_ASSIGN_OR_RETURN(Shape shape, CheckedShape(AsSpan(params.targetshape())));
  return layer.Finish(Fill{params.value(), std::move(shape)}, {});
}

absl::Status ImportFillDynamic(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, ShapeFromInput(layer, 0));
  return layer.Finish(Fill{layer.proto.filldynamic().value(), std::move(shape)}, {});
}

absl::Status FinishRange(Layer& layer, float start, float end, float step) {
  const double count = std::ceil((double{end} - start) / step);
  if (!(count >= 1 && count <= static_cast<double>(kMaxElements))) {
    return absl::InvalidArgumentError(absl::StrCat("a range of no or too many values: from ", start,
                                                   " to ", end, " in steps of ", step));
  }
  return layer.Finish(Range{start, step, static_cast<int64_t>(count)}, {});
}

absl::Status ImportRangeStatic(Layer& layer) {
  const auto& params = layer.proto.rangestatic();
  return FinishRange(layer, params.startvalue(), params.endvalue(), params.stepsizevalue());
}

// Inputs: end, and start and step instead of the parameters.
absl::Status ImportRangeDynamic(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 3));
  float start = layer.proto.rangedynamic().startvalue();
  float step = layer.proto.rangedynamic().stepsizevalue();
  NBITS_ASSIGN_OR_RETURN(const float end, layer.InputScalar(0));
  if (layer.inputs.size() > 1) {
    NBITS_ASSIGN_OR_RETURN(start, layer.InputScalar(1));
  }
  if (layer.inputs.size() > 2) {
    NBITS_ASSIGN_OR_RETURN(step, layer.InputScalar(2));
  }
  return FinishRange(layer, start, end, step);
}

absl::Status ImportBroadcastLike(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, layer.InputShape(1));
  return layer.Finish(BroadcastTo{std::move(shape)}, {layer.inputs[0]});
}

absl::Status ImportBroadcastStatic(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(Shape shape,
                         CheckedShape(AsSpan(layer.proto.broadcasttostatic().targetshape())));
  return layer.Finish(BroadcastTo{std::move(shape)});
}

absl::Status ImportBroadcastDynamic(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, ShapeFromInput(layer, 1));
  return layer.Finish(BroadcastTo{std::move(shape)}, {layer.inputs[0]});
}

// Shapes are fixed when the graph is made, so the layer is a constant.
absl::Status ImportGetShape(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 1));
  NBITS_ASSIGN_OR_RETURN(const TensorId result,
                         layer.builder.AddConstant({shape.begin(), shape.end()},
                                                   {static_cast<int64_t>(shape.size())}));
  return layer.Finish({result});
}

// The indices [count, rank] of the values that are not 0. Their number is known only once the
// values are, and then the layer is a constant as well.
absl::Status ImportWhereNonZero(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 1));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, layer.InputValues(0));
  std::vector<float> indices;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    int64_t inner = Product(shape);
    for (int64_t extent : shape) {
      inner /= extent;
      indices.push_back(static_cast<float>(static_cast<int64_t>(i) / inner % extent));
    }
  }
  if (indices.empty()) return absl::InvalidArgumentError("all values are 0: the result is empty");
  const int64_t rank = static_cast<int64_t>(shape.size());
  const int64_t count = static_cast<int64_t>(indices.size()) / rank;
  NBITS_ASSIGN_OR_RETURN(const TensorId result,
                         layer.builder.AddConstant(std::move(indices), {count, rank}));
  return layer.Finish({result});
}

}  // namespace

absl::StatusOr<Shape> ShapeFromInput(const Layer& layer, size_t index) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, layer.InputIntegers(index));
  NBITS_RETURN_IF_ERROR(CheckedElementCount(shape).status());
  return shape;
}

std::span<const LayerKind> ConstantLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kLoadConstant, "loadConstant", ImportLoadConstant},
      {L::kLoadConstantND, "loadConstantND", ImportLoadConstantNd},
      {L::kFillLike, "fillLike", ImportFillLike},
      {L::kFillStatic, "fillStatic", ImportFillStatic},
      {L::kFillDynamic, "fillDynamic", ImportFillDynamic},
      {L::kRangeStatic, "rangeStatic", ImportRangeStatic},
      {L::kRangeDynamic, "rangeDynamic", ImportRangeDynamic},
      {L::kBroadcastToLike, "broadcastToLike", ImportBroadcastLike},
      {L::kBroadcastToStatic, "broadcastToStatic", ImportBroadcastStatic},
      {L::kBroadcastToDynamic, "broadcastToDynamic", ImportBroadcastDynamic},
      {L::kWhereNonZero, "whereNonZero", ImportWhereNonZero},
      {L::kGetShape, "getShape", ImportGetShape},
  };
  return kKinds;
}

}  // namespace nbits::graph

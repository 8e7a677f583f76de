// Imports layers that make values from nothing, and broadcasts.
#include <cmath>

#include "base/status_macros.h"
#include "graph/import/layer.h"

namespace nbits::graph {
namespace {

absl::Status ImportConstant(Layer& layer, const schema::WeightParams& data, Shape shape) {
  NBITS_ASSIGN_OR_RETURN(const WeightId weight, layer.Weight(data, std::move(shape)));
  return layer.Finish(Constant{weight}, {});
}

absl::Status ImportLoadConstant(Layer& layer) {
  const auto& params = layer.proto.loadconstant();
  NBITS_ASSIGN_OR_RETURN(Shape shape, CheckedShape(AsSpan(params.shape())));
  if (layer.rank5()) shape.insert(shape.begin(), 5 - std::min<size_t>(5, shape.size()), 1);
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

absl::Status ImportRangeStatic(Layer& layer) {
  const auto& params = layer.proto.rangestatic();
  const double step = params.stepsizevalue();
  const double count = std::ceil((double{params.endvalue()} - params.startvalue()) / step);
  if (!(count >= 1 && count <= static_cast<double>(kMaxElements))) {
    return absl::InvalidArgumentError("a range of no or too many values");
  }
  return layer.Finish(
      Range{params.startvalue(), params.stepsizevalue(), static_cast<int64_t>(count)}, {});
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

// Shapes are fixed when the graph is made, so the layer is a constant.
absl::Status ImportGetShape(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 1));
  NBITS_ASSIGN_OR_RETURN(const TensorId result,
                         layer.builder.AddConstant({shape.begin(), shape.end()},
                                                   {static_cast<int64_t>(shape.size())}));
  return layer.Finish({result});
}

}  // namespace

std::span<const LayerKind> ConstantLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kLoadConstant, "loadConstant", ImportLoadConstant},
      {L::kLoadConstantND, "loadConstantND", ImportLoadConstantNd},
      {L::kFillLike, "fillLike", ImportFillLike},
      {L::kFillStatic, "fillStatic", ImportFillStatic},
      {L::kRangeStatic, "rangeStatic", ImportRangeStatic},
      {L::kBroadcastToLike, "broadcastToLike", ImportBroadcastLike},
      {L::kBroadcastToStatic, "broadcastToStatic", ImportBroadcastStatic},
      {L::kGetShape, "getShape", ImportGetShape},
  };
  return kKinds;
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Imports matrix products.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

// The input of rank 3 and less is a stack of rows; of rank 4 and 5 the last three axes are one row,
// and the result has the channels in the third axis from the end.
Shape InnerProductShape(const Shape& input, int64_t channels) {
  Shape shape = input;
  if (shape.size() < 4) {
    shape.back() = channels;
  } else {
    shape[shape.size() - 3] = channels;
    shape[shape.size() - 2] = shape[shape.size() - 1] = 1;
  }
  return shape;
}

// With int8DynamicQuantize the format rounds the input to 8 bits before the product, to be faster.
// Here the product is of the input as it is, which is what the layer approximates.
absl::Status ImportInnerProduct(Layer& layer) {
  const auto& params = layer.proto.innerproduct();
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape(0, 1));
  InnerProduct op;
  NBITS_ASSIGN_OR_RETURN(op.input_channels,
                         CheckedExtent(params.inputchannels(), "input channels"));
  NBITS_ASSIGN_OR_RETURN(op.output_channels,
                         CheckedExtent(params.outputchannels(), "output channels"));
  NBITS_ASSIGN_OR_RETURN(op.weight,
                         layer.Weight(params.weights(), {op.output_channels, op.input_channels}));
  if (params.hasbias()) {
    NBITS_ASSIGN_OR_RETURN(op.bias, layer.Vector(params.bias(), op.output_channels));
  }
  op.output_shape = InnerProductShape(input, op.output_channels);
  return layer.Finish(std::move(op));
}

// One input: times a [X1, X2] matrix of the file, stored column by column, which is [X2, X1] row by
// row: an inner product along the last axis.
absl::Status ImportWeightedMatMul(Layer& layer) {
  const auto& params = layer.proto.batchedmatmul();
  NBITS_ASSIGN_OR_RETURN(Shape shape, layer.InputShape(0, 1));
  InnerProduct op;
  NBITS_ASSIGN_OR_RETURN(op.input_channels,
                         CheckedExtent(params.weightmatrixfirstdimension(), "first dimension"));
  NBITS_ASSIGN_OR_RETURN(op.output_channels,
                         CheckedExtent(params.weightmatrixseconddimension(), "second dimension"));
  if (shape.back() != op.input_channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("input of shape ", ShapeText(shape), " times ", op.input_channels, " rows"));
  }
  NBITS_ASSIGN_OR_RETURN(op.weight,
                         layer.Weight(params.weights(), {op.output_channels, op.input_channels}));
  if (params.hasbias()) {
    NBITS_ASSIGN_OR_RETURN(op.bias, layer.Vector(params.bias(), op.output_channels));
  }
  shape.back() = op.output_channels;
  op.output_shape = std::move(shape);
  return layer.Finish(std::move(op));
}

// A vector becomes a matrix of one row (first input) or one column (second input).
absl::StatusOr<TensorId> AsMatrix(const Layer& layer, size_t index) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(index, 1));
  if (shape.size() > 1) return layer.inputs[index];
  const Shape matrix = index == 0 ? Shape{1, shape[0]} : Shape{shape[0], 1};
  return layer.builder.AddOne(Reshape{matrix}, {layer.inputs[index]});
}

absl::Status ImportBatchedMatMul(Layer& layer) {
  if (layer.inputs.size() == 1) return ImportWeightedMatMul(layer);
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  const auto& params = layer.proto.batchedmatmul();
  NBITS_ASSIGN_OR_RETURN(const TensorId a, AsMatrix(layer, 0));
  NBITS_ASSIGN_OR_RETURN(const TensorId b, AsMatrix(layer, 1));
  return layer.Finish(MatrixProduct{params.transposea(), params.transposeb()}, {a, b});
}

// Sum of products over channels, height and width; the inputs first brought to length 1 for the
// cosine.
absl::Status ImportDot(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(2, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 3));
  TensorId a = layer.inputs[0], b = layer.inputs[1];
  if (layer.proto.dot().cosinesimilarity()) {
    NBITS_ASSIGN_OR_RETURN(a, layer.builder.AddOne(L2Normalize{1e-12f}, {a}));
    NBITS_ASSIGN_OR_RETURN(b, layer.builder.AddOne(L2Normalize{1e-12f}, {b}));
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId product,
                         layer.builder.AddOne(Binary{BinaryOperation::kMultiply}, {a, b}));
  const int rank = static_cast<int>(shape.size());
  return layer.Finish(Reduce{ReduceOperation::kSum, {rank - 3, rank - 2, rank - 1}, true, 0},
                      {product});
}

}  // namespace

std::span<const LayerKind> ProductLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kInnerProduct, "innerProduct", ImportInnerProduct},
      {L::kBatchedMatmul, "batchedMatmul", ImportBatchedMatMul},
      {L::kDot, "dot", ImportDot},
  };
  return kKinds;
}

}  // namespace nbits::graph

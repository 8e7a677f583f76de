// SPDX-License-Identifier: Apache-2.0
// Imports layers that work value by value on one input or several.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {
namespace {

using F = UnaryFunction;
using B = BinaryOperation;
using schema::UnaryFunctionLayerParams;

template <UnaryFunction function>
absl::Status ImportFunctionOf(Layer& layer) {
  return layer.Finish(Unary{function});
}

template <BinaryOperation operation>
absl::Status ImportBinary(Layer& layer) {
  return layer.Finish(Binary{operation});
}

// f(scale * x + shift); a scale of 0 means that it is not set.
absl::Status ImportUnary(Layer& layer) {
  const UnaryFunctionLayerParams& params = layer.proto.unary();
  static constexpr F kFunctions[] = {
      F::kSqrt, F::kReciprocalSqrt, F::kInverse, F::kPower, F::kExp, F::kLog,
      F::kAbs,  F::kThreshold};
  const int type = params.type();
  if (type < 0 || type > 7) return absl::InvalidArgumentError("unknown function");
  Unary op{kFunctions[type], params.alpha()};
  if (type == UnaryFunctionLayerParams::RSQRT || type == UnaryFunctionLayerParams::INVERSE) {
    op.alpha = params.epsilon() == 0 ? 1e-6f : params.epsilon();
  }
  if (type == UnaryFunctionLayerParams::LOG) op.alpha = params.epsilon();
  op.scale = params.scale() == 0 ? 1 : params.scale();
  op.shift = params.shift();
  return layer.Finish(op);
}

absl::Status ImportClip(Layer& layer) {
  const float low = layer.proto.clip().minval(), high = layer.proto.clip().maxval();
  if (std::isnan(low) || std::isnan(high)) {
    return absl::InvalidArgumentError(absl::StrCat("clips to ", low, " .. ", high));
  }
  return layer.Finish(Unary{F::kClip, low, high});
}

// input 0 op input 1 op input 2 ...
absl::StatusOr<TensorId> Fold(Layer& layer, BinaryOperation operation) {
  NBITS_RETURN_IF_ERROR(layer.InputShape().status());
  TensorId result = layer.inputs[0];
  for (size_t i = 1; i < layer.inputs.size(); ++i) {
    NBITS_ASSIGN_OR_RETURN(result,
                           layer.builder.AddOne(Binary{operation}, {result, layer.inputs[i]}));
  }
  return result;
}

template <BinaryOperation operation>
absl::Status ImportFold(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(2, SIZE_MAX));
  NBITS_ASSIGN_OR_RETURN(const TensorId result, Fold(layer, operation));
  return layer.Finish({result});
}

// With one input, alpha is the other operand.
absl::Status ImportAdd(Layer& layer) {
  if (layer.inputs.size() == 1)
    return layer.Finish(Unary{F::kLinear, 1, layer.proto.add().alpha()});
  return ImportFold<B::kAdd>(layer);
}

absl::Status ImportMultiply(Layer& layer) {
  if (layer.inputs.size() == 1) {
    return layer.Finish(Unary{F::kLinear, layer.proto.multiply().alpha(), 0});
  }
  return ImportFold<B::kMultiply>(layer);
}

absl::Status ImportAverage(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const TensorId sum, Fold(layer, B::kAdd));
  return layer.Finish(Unary{F::kLinear, 1.0f / static_cast<float>(layer.inputs.size())}, {sum});
}

absl::Status ImportComparison(Layer& layer, BinaryOperation operation, float alpha) {
  if (layer.inputs.size() != 1) return layer.Finish(Binary{operation});
  NBITS_ASSIGN_OR_RETURN(const TensorId other, layer.builder.AddOne(Fill{alpha, {1}}, {}));
  return layer.Finish(Binary{operation}, {layer.inputs[0], other});
}

absl::Status ImportEqual(Layer& layer) {
  return ImportComparison(layer, B::kEqual, layer.proto.equal().alpha());
}
absl::Status ImportNotEqual(Layer& layer) {
  return ImportComparison(layer, B::kNotEqual, layer.proto.notequal().alpha());
}
absl::Status ImportLess(Layer& layer) {
  return ImportComparison(layer, B::kLess, layer.proto.lessthan().alpha());
}
absl::Status ImportLessEqual(Layer& layer) {
  return ImportComparison(layer, B::kLessEqual, layer.proto.lessequal().alpha());
}
absl::Status ImportGreater(Layer& layer) {
  return ImportComparison(layer, B::kGreater, layer.proto.greaterthan().alpha());
}
absl::Status ImportGreaterEqual(Layer& layer) {
  return ImportComparison(layer, B::kGreaterEqual, layer.proto.greaterequal().alpha());
}

absl::Status ImportWhere(Layer& layer) { return layer.Finish(Select{}); }

absl::Status ImportCopy(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 1));
  return layer.Finish(layer.inputs);
}

// Constants of scale and bias layers: [1], [C], [1, H, W] or [C, H, W], channels at axis -3.
absl::StatusOr<TensorId> ChannelConstant(Layer& layer, const schema::WeightParams& params,
                                         std::span<const uint64_t> dimensions) {
  NBITS_ASSIGN_OR_RETURN(Shape shape, CheckedShape(dimensions));
  if (shape.size() == 1 && shape[0] != 1) shape.insert(shape.end(), 2, 1);
  NBITS_ASSIGN_OR_RETURN(const WeightId weight, layer.Weight(params, std::move(shape)));
  return layer.builder.AddOne(Constant{weight}, {});
}

absl::StatusOr<TensorId> Combine(Layer& layer, BinaryOperation operation, TensorId input,
                                 const schema::WeightParams& params,
                                 std::span<const uint64_t> dimensions) {
  NBITS_ASSIGN_OR_RETURN(const TensorId constant, ChannelConstant(layer, params, dimensions));
  return layer.builder.AddOne(Binary{operation}, {input, constant});
}

// [channels] or [channels, 1, 1].
bool IsPerChannel(std::span<const uint64_t> dimensions, int64_t channels) {
  const bool lone = dimensions.size() == 1 ||
                    (dimensions.size() == 3 && dimensions[1] == 1 && dimensions[2] == 1);
  return lone && dimensions[0] == static_cast<uint64_t>(channels);
}

bool IsPerChannel(const schema::ScaleLayerParams& params, const Shape& input) {
  if (input.size() < 3) return false;
  const int64_t channels = input[input.size() - 3];
  return IsPerChannel(AsSpan(params.shapescale()), channels) &&
         (!params.hasbias() || IsPerChannel(AsSpan(params.shapebias()), channels));
}

// One step instead of two, and one that the fusion passes know.
absl::Status ImportChannelScale(Layer& layer, int64_t channels) {
  const auto& params = layer.proto.scale();
  ChannelAffine op;
  NBITS_ASSIGN_OR_RETURN(op.scale, layer.Vector(params.scale(), channels));
  op.offset.assign(static_cast<size_t>(channels), 0.0f);
  if (params.hasbias()) {
    NBITS_ASSIGN_OR_RETURN(op.offset, layer.Vector(params.bias(), channels));
  }
  return layer.Finish(std::move(op));
}

absl::Status ImportScale(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 1));
  const auto& params = layer.proto.scale();
  NBITS_ASSIGN_OR_RETURN(const Shape input, layer.InputShape());
  if (IsPerChannel(params, input)) return ImportChannelScale(layer, input[input.size() - 3]);
  NBITS_ASSIGN_OR_RETURN(TensorId result, Combine(layer, B::kMultiply, layer.inputs[0],
                                                  params.scale(), AsSpan(params.shapescale())));
  if (params.hasbias()) {
    NBITS_ASSIGN_OR_RETURN(
        result, Combine(layer, B::kAdd, result, params.bias(), AsSpan(params.shapebias())));
  }
  return layer.Finish({result});
}

absl::Status ImportBias(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 1));
  const auto& params = layer.proto.bias();
  NBITS_ASSIGN_OR_RETURN(const TensorId result, Combine(layer, B::kAdd, layer.inputs[0],
                                                        params.bias(), AsSpan(params.shape())));
  return layer.Finish({result});
}

}  // namespace

std::span<const LayerKind> ElementwiseLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kUnary, "unary", ImportUnary},
      {L::kClip, "clip", ImportClip},
      {L::kCeil, "ceil", ImportFunctionOf<F::kCeil>},
      {L::kFloor, "floor", ImportFunctionOf<F::kFloor>},
      {L::kSign, "sign", ImportFunctionOf<F::kSign>},
      {L::kRound, "round", ImportFunctionOf<F::kRound>},
      {L::kExp2, "exp2", ImportFunctionOf<F::kExp2>},
      {L::kSin, "sin", ImportFunctionOf<F::kSin>},
      {L::kCos, "cos", ImportFunctionOf<F::kCos>},
      {L::kTan, "tan", ImportFunctionOf<F::kTan>},
      {L::kAsin, "asin", ImportFunctionOf<F::kAsin>},
      {L::kAcos, "acos", ImportFunctionOf<F::kAcos>},
      {L::kAtan, "atan", ImportFunctionOf<F::kAtan>},
      {L::kSinh, "sinh", ImportFunctionOf<F::kSinh>},
      {L::kCosh, "cosh", ImportFunctionOf<F::kCosh>},
      {L::kTanh, "tanh", ImportFunctionOf<F::kTanh>},
      {L::kAsinh, "asinh", ImportFunctionOf<F::kAsinh>},
      {L::kAcosh, "acosh", ImportFunctionOf<F::kAcosh>},
      {L::kAtanh, "atanh", ImportFunctionOf<F::kAtanh>},
      {L::kErf, "erf", ImportFunctionOf<F::kErf>},
      {L::kLogicalNot, "logicalNot", ImportFunctionOf<F::kLogicalNot>},
      {L::kAdd, "add", ImportAdd},
      {L::kMultiply, "multiply", ImportMultiply},
      {L::kAverage, "average", ImportAverage},
      {L::kMax, "max", ImportFold<B::kMaximum>},
      {L::kMin, "min", ImportFold<B::kMinimum>},
      {L::kScale, "scale", ImportScale},
      {L::kBias, "bias", ImportBias},
      {L::kCopy, "copy", ImportCopy},
      {L::kEqual, "equal", ImportEqual},
      {L::kNotEqual, "notEqual", ImportNotEqual},
      {L::kLessThan, "lessThan", ImportLess},
      {L::kLessEqual, "lessEqual", ImportLessEqual},
      {L::kGreaterThan, "greaterThan", ImportGreater},
      {L::kGreaterEqual, "greaterEqual", ImportGreaterEqual},
      {L::kLogicalOr, "logicalOr", ImportBinary<B::kLogicalOr>},
      {L::kLogicalXor, "logicalXor", ImportBinary<B::kLogicalXor>},
      {L::kLogicalAnd, "logicalAnd", ImportBinary<B::kLogicalAnd>},
      {L::kModBroadcastable, "modBroadcastable", ImportBinary<B::kMod>},
      {L::kMinBroadcastable, "minBroadcastable", ImportFold<B::kMinimum>},
      {L::kMaxBroadcastable, "maxBroadcastable", ImportFold<B::kMaximum>},
      {L::kAddBroadcastable, "addBroadcastable", ImportFold<B::kAdd>},
      {L::kPowBroadcastable, "powBroadcastable", ImportBinary<B::kPower>},
      {L::kDivideBroadcastable, "divideBroadcastable", ImportBinary<B::kDivide>},
      {L::kFloorDivBroadcastable, "floorDivBroadcastable", ImportBinary<B::kFloorDivide>},
      {L::kMultiplyBroadcastable, "multiplyBroadcastable", ImportFold<B::kMultiply>},
      {L::kSubtractBroadcastable, "subtractBroadcastable", ImportBinary<B::kSubtract>},
      {L::kWhereBroadcastable, "whereBroadcastable", ImportWhere},
  };
  return kKinds;
}

}  // namespace nbits::graph

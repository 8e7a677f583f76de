// SPDX-License-Identifier: Apache-2.0
// Imports operations that work value by value on one input or several.
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/ml_program/import/operations/truncate.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

using F = UnaryFunction;
using B = BinaryOperation;

template <UnaryFunction function>
absl::Status ImportUnaryOf(Operation& op) {
  return op.FinishOn(Unary{function});
}

// f(x + epsilon), the only parameter.
absl::Status ImportWithEpsilon(Operation& op, UnaryFunction function, float fallback) {
  NBITS_ASSIGN_OR_RETURN(const float epsilon, op.Float("epsilon", fallback));
  return op.FinishOn(Unary{function, epsilon});
}

absl::Status ImportInverse(Operation& op) { return ImportWithEpsilon(op, F::kInverse, 1e-4f); }
absl::Status ImportLog(Operation& op) { return ImportWithEpsilon(op, F::kLog, 1e-45f); }
absl::Status ImportReciprocalSqrt(Operation& op) {
  return ImportWithEpsilon(op, F::kReciprocalSqrt, 1e-12f);
}

absl::Status ImportSquare(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  return op.Finish(Binary{B::kMultiply}, {x, x});
}

absl::Status ImportClip(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const float low, op.Float("alpha"));
  NBITS_ASSIGN_OR_RETURN(const float high, op.Float("beta"));
  if (std::isnan(low) || std::isnan(high)) {
    return absl::InvalidArgumentError(absl::StrCat("clips to ", low, " .. ", high));
  }
  return op.FinishOn(Unary{F::kClip, low, high});
}

absl::Status ImportThreshold(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const float alpha, op.Float("alpha"));
  return op.FinishOn(Unary{F::kThreshold, alpha});
}

absl::Status ImportIdentity(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  return op.Finish({x});
}

// ---- Pairs --------------------------------------------------------------------------------------

// Larger constants stay nodes: no channel vector has as many.
constexpr int64_t kMostFoldedConstants = 1 << 16;

// The constants of one pair, where there are any.
struct PairConstant {
  std::vector<float> values;
  Shape shape;
};

absl::StatusOr<PairConstant> ConstantOf(const Operation& op, const std::string& argument) {
  const auto& binding = op.proto.inputs().at(argument).arguments(0);
  const bool is_value =
      binding.has_value() || op.context.constants->Find(binding.name()) != nullptr;
  if (!is_value) return ValuesNeededError("a value of the network");
  PairConstant constant;
  NBITS_ASSIGN_OR_RETURN(constant.shape, op.InputShape(argument));
  if (Product(constant.shape) > kMostFoldedConstants) return ValuesNeededError("a large constant");
  NBITS_ASSIGN_OR_RETURN(constant.values, op.Floats(argument));
  return constant;
}

// x op constant as a function of x alone; nullopt: there is none.
std::optional<Unary> ScalarFunction(BinaryOperation operation, bool constant_first, float c) {
  switch (operation) {
    case B::kAdd:
      return Unary{F::kLinear, 1, c};
    case B::kMultiply:
      return Unary{F::kLinear, c, 0};
    case B::kSubtract:
      return constant_first ? Unary{F::kLinear, -1, c} : Unary{F::kLinear, 1, -c};
    case B::kPower:
      return constant_first ? std::nullopt : std::optional<Unary>(Unary{F::kPower, c});
    case B::kMaximum:
      return Unary{F::kThreshold, c};
    default:
      return std::nullopt;
  }
}

// [..., C, 1, 1] beside an input of channels at axis -3.
bool IsPerChannel(const Shape& constant, const Shape& x) {
  if (x.size() < 3 || constant.size() < 3 || constant.size() > x.size()) return false;
  const int64_t channels = x[x.size() - 3];
  return constant[constant.size() - 3] == channels && Product(constant) == channels;
}

std::optional<ChannelAffine> ChannelFunction(BinaryOperation operation, bool constant_first,
                                             const std::vector<float>& values) {
  ChannelAffine affine{std::vector<float>(values.size(), 1), std::vector<float>(values.size(), 0)};
  for (size_t i = 0; i < values.size(); ++i) {
    if (operation == B::kMultiply) {
      affine.scale[i] = values[i];
    } else if (operation == B::kAdd) {
      affine.offset[i] = values[i];
    } else if (operation == B::kSubtract) {
      affine.scale[i] = constant_first ? -1.0f : 1.0f;
      affine.offset[i] = constant_first ? values[i] : -values[i];
    } else {
      return std::nullopt;
    }
  }
  return affine;
}

// The pair as an operation on one input, of kinds that fusion knows.
std::optional<Op> AsOneInput(const Operation& op, BinaryOperation operation, bool constant_first) {
  if (op.GivesIntegers()) return std::nullopt;
  const auto constant = ConstantOf(op, constant_first ? "x" : "y");
  const auto shape = op.InputShape(constant_first ? "y" : "x");
  if (!constant.ok() || !shape.ok() || constant->shape.size() > shape->size()) return std::nullopt;
  if (constant->values.size() == 1) {
    const auto unary = ScalarFunction(operation, constant_first, constant->values[0]);
    return unary ? std::optional<Op>(*unary) : std::nullopt;
  }
  if (!IsPerChannel(constant->shape, *shape)) return std::nullopt;
  auto affine = ChannelFunction(operation, constant_first, constant->values);
  return affine ? std::optional<Op>(*std::move(affine)) : std::nullopt;
}

absl::Status ImportPair(Operation& op, BinaryOperation operation) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId y, op.Input("y"));
  if (std::optional<Op> one = AsOneInput(op, operation, false)) return op.Finish(*one, {x});
  if (std::optional<Op> one = AsOneInput(op, operation, true)) return op.Finish(*one, {y});
  return op.Finish(Binary{operation}, {x, y});
}

template <BinaryOperation operation>
absl::Status ImportBinaryOf(Operation& op) {
  return ImportPair(op, operation);
}

// A quotient of integers is an integer.
absl::Status ImportDivision(Operation& op) {
  if (!op.GivesIntegers()) return ImportPair(op, B::kDivide);
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId y, op.Input("y"));
  NBITS_ASSIGN_OR_RETURN(TensorId quotient, op.builder.AddOne(Binary{B::kDivide}, {x, y}));
  NBITS_ASSIGN_OR_RETURN(quotient, Truncated(op, quotient));
  return op.Finish({quotient});
}

absl::Status ImportSelect(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId condition, op.Input("cond"));
  NBITS_ASSIGN_OR_RETURN(const TensorId a, op.Input("a"));
  NBITS_ASSIGN_OR_RETURN(const TensorId b, op.Input("b"));
  return op.Finish(Select{}, {condition, a, b});
}

}  // namespace

std::span<const OperationKind> ElementwiseOperations() {
  static constexpr OperationKind kKinds[] = {
      {"abs", ImportUnaryOf<F::kAbs>},
      {"acos", ImportUnaryOf<F::kAcos>},
      {"add", ImportBinaryOf<B::kAdd>},
      {"asin", ImportUnaryOf<F::kAsin>},
      {"atan", ImportUnaryOf<F::kAtan>},
      {"atanh", ImportUnaryOf<F::kAtanh>},
      {"ceil", ImportUnaryOf<F::kCeil>},
      {"clip", ImportClip},
      {"cos", ImportUnaryOf<F::kCos>},
      {"cosh", ImportUnaryOf<F::kCosh>},
      {"equal", ImportBinaryOf<B::kEqual>},
      {"erf", ImportUnaryOf<F::kErf>},
      {"exp", ImportUnaryOf<F::kExp>},
      {"exp2", ImportUnaryOf<F::kExp2>},
      {"floor", ImportUnaryOf<F::kFloor>},
      {"floor_div", ImportBinaryOf<B::kFloorDivide>},
      {"greater", ImportBinaryOf<B::kGreater>},
      {"greater_equal", ImportBinaryOf<B::kGreaterEqual>},
      {"identity", ImportIdentity},
      {"inverse", ImportInverse},
      {"less", ImportBinaryOf<B::kLess>},
      {"less_equal", ImportBinaryOf<B::kLessEqual>},
      {"log", ImportLog},
      {"logical_and", ImportBinaryOf<B::kLogicalAnd>},
      {"logical_not", ImportUnaryOf<F::kLogicalNot>},
      {"logical_or", ImportBinaryOf<B::kLogicalOr>},
      {"logical_xor", ImportBinaryOf<B::kLogicalXor>},
      {"maximum", ImportBinaryOf<B::kMaximum>},
      {"minimum", ImportBinaryOf<B::kMinimum>},
      {"mod", ImportBinaryOf<B::kMod>},
      {"mul", ImportBinaryOf<B::kMultiply>},
      {"not_equal", ImportBinaryOf<B::kNotEqual>},
      {"pow", ImportBinaryOf<B::kPower>},
      {"real_div", ImportDivision},
      {"round", ImportUnaryOf<F::kRound>},
      {"rsqrt", ImportReciprocalSqrt},
      {"select", ImportSelect},
      {"sign", ImportUnaryOf<F::kSign>},
      {"sin", ImportUnaryOf<F::kSin>},
      {"sinh", ImportUnaryOf<F::kSinh>},
      {"sqrt", ImportUnaryOf<F::kSqrt>},
      {"square", ImportSquare},
      {"sub", ImportBinaryOf<B::kSubtract>},
      {"tan", ImportUnaryOf<F::kTan>},
      {"threshold", ImportThreshold},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

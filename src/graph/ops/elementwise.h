// SPDX-License-Identifier: Apache-2.0
// Values made from nothing, and values computed each from one value or from a few.
#ifndef NBITS_GRAPH_OPS_ELEMENTWISE_H_
#define NBITS_GRAPH_OPS_ELEMENTWISE_H_

#include <cstdint>
#include <vector>

#include "graph/ops/common.h"
#include "nbits/tensor.h"

namespace nbits::graph {

struct Constant {  // The weight's shape is the output's.
  WeightId weight = kNoWeight;
};
struct Fill {
  float value = 0;
  Shape shape;
};
struct Range {  // start, start + step, ...: `count` values.
  float start = 0, step = 1;
  int64_t count = 0;
};

// ---- One value to one value --------------------------------------------------------------------

enum class UnaryFunction : uint8_t {
  kLinear,           // alpha * x + beta
  kRelu,             // max(0, x)
  kLeakyRelu,        // x < 0 ? alpha * x : x
  kThresholdedRelu,  // x >= alpha ? x : 0
  kClip,             // min(max(x, alpha), beta)
  kTanh,
  kScaledTanh,  // alpha * tanh(beta * x)
  kSigmoid,
  kHardSigmoid,  // min(max(alpha * x + beta, 0), 1)
  kElu,          // x < 0 ? alpha * (exp(x) - 1) : x
  kSoftsign,     // x / (1 + |x|)
  kSoftplus,     // log(1 + exp(x))
  kSqrt,
  kReciprocalSqrt,  // 1 / sqrt(x + alpha)
  kInverse,         // 1 / (x + alpha)
  kPower,           // x ^ alpha
  kExp,
  kLog,  // log(x + alpha)
  kAbs,
  kThreshold,    // max(alpha, x)
  kClampedRelu,  // x < 0 ? min(alpha * x, beta) : min(x, beta)
  kExp2,
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kAsinh,
  kAcosh,
  kAtanh,
  kErf,
  kGelu,         // x * (1 + erf(x / sqrt(2))) / 2
  kGeluTanh,     // x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
  kGeluSigmoid,  // x * sigmoid(1.702 x)
  kCeil,
  kFloor,
  kSign,
  kRound,  // Half to even.
  kLogicalNot,
};

struct Unary {  // f(scale * x + shift)
  UnaryFunction function = UnaryFunction::kLinear;
  float alpha = 0, beta = 0;
  float scale = 1, shift = 0;
};

// Activations with a parameter for every channel. Vectors hold one value or `channels`.
struct ChannelActivation {
  enum class Function : uint8_t {
    kParametricRelu,      // x < 0 ? alpha * x : x
    kParametricSoftplus,  // alpha * log(1 + exp(beta * x))
  };
  Function function = Function::kParametricRelu;
  int axis = 0;  // The channels: axis -3, or the last one of an input of rank 1 or 2.
  std::vector<float> alpha = {}, beta = {};
};

struct ChannelAffine {  // scale[c] * x + offset[c], c along axis -3.
  std::vector<float> scale, offset;
};

// ---- Several values to one value, with NumPy's broadcasting ------------------------------------

enum class BinaryOperation : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kMod,
  kPower,
  kMinimum,
  kMaximum,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,  // 1 for true, 0 for false.
  kLogicalAnd,
  kLogicalOr,
  kLogicalXor,
};
struct Binary {
  BinaryOperation operation = BinaryOperation::kAdd;
};
struct Select {};  // Inputs (condition, a, b): condition != 0 ? a : b.
struct BroadcastTo {
  Shape shape;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_ELEMENTWISE_H_

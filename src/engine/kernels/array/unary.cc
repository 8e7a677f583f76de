// SPDX-License-Identifier: Apache-2.0
// One value to one value.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/extremes.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using F = graph::UnaryFunction;

template <typename Function>
void Map(const graph::Unary& op, const float* input, float* output, int64_t count,
         const Function& f) {
  const float scale = op.scale, shift = op.shift;
  if (scale == 1 && shift == 0) {
    for (int64_t i = 0; i < count; ++i) output[i] = f(input[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) output[i] = f(scale * input[i] + shift);
  }
}

float Sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// Without overflow for large x.
float Softplus(float x) { return std::max(x, 0.0f) + std::log1p(std::exp(-std::abs(x))); }

float GeluTanh(float x) {
  const float c = static_cast<float>(std::sqrt(2 / std::numbers::pi));
  return 0.5f * x * (1 + std::tanh(c * (x + 0.044715f * x * x * x)));
}

float Gelu(float x) { return 0.5f * x * (1 + std::erf(x * static_cast<float>(M_SQRT1_2))); }

// NaN stays NaN.
float Sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : x == 0 ? 0.0f : x; }

// Each returns false when the function belongs to another group.

// NaN stays NaN, as in NumPy and in the vectors.
bool MapPiecewiseLinear(const graph::Unary& op, const float* in, float* out, int64_t n) {
  const float a = op.alpha, b = op.beta;
  switch (op.function) {
    case F::kLinear:
      Map(op, in, out, n, [=](float x) { return a * x + b; });
      return true;
    case F::kRelu:
      Map(op, in, out, n, [](float x) { return LargerOf(0.0f, x); });
      return true;
    case F::kLeakyRelu:
      Map(op, in, out, n, [=](float x) { return x < 0 ? a * x : x; });
      return true;
    case F::kThresholdedRelu:
      Map(op, in, out, n, [=](float x) { return x < a ? 0 : x; });
      return true;
    case F::kClip:
      Map(op, in, out, n, [=](float x) { return SmallerOf(LargerOf(a, x), b); });
      return true;
    case F::kHardSigmoid:
      Map(op, in, out, n, [=](float x) { return SmallerOf(LargerOf(0.0f, a * x + b), 1.0f); });
      return true;
    case F::kThreshold:
      Map(op, in, out, n, [=](float x) { return LargerOf(a, x); });
      return true;
    case F::kClampedRelu:
      Map(op, in, out, n, [=](float x) { return SmallerOf(x < 0 ? a * x : x, b); });
      return true;
    case F::kAbs:
      Map(op, in, out, n, [](float x) { return std::abs(x); });
      return true;
    default:
      return false;
  }
}

bool MapActivation(const graph::Unary& op, const float* in, float* out, int64_t n) {
  const float a = op.alpha, b = op.beta;
  switch (op.function) {
    case F::kTanh:
      Map(op, in, out, n, [](float x) { return std::tanh(x); });
      return true;
    case F::kScaledTanh:
      Map(op, in, out, n, [=](float x) { return a * std::tanh(b * x); });
      return true;
    case F::kSigmoid:
      Map(op, in, out, n, Sigmoid);
      return true;
    case F::kElu:
      Map(op, in, out, n, [=](float x) { return x < 0 ? a * std::expm1(x) : x; });
      return true;
    case F::kSoftsign:
      Map(op, in, out, n, [](float x) { return x / (1 + std::abs(x)); });
      return true;
    case F::kSoftplus:
      Map(op, in, out, n, Softplus);
      return true;
    case F::kGelu:
      Map(op, in, out, n, Gelu);
      return true;
    case F::kGeluTanh:
      Map(op, in, out, n, GeluTanh);
      return true;
    case F::kGeluSigmoid:
      Map(op, in, out, n, [](float x) { return x * Sigmoid(1.702f * x); });
      return true;
    default:
      return false;
  }
}

bool MapPower(const graph::Unary& op, const float* in, float* out, int64_t n) {
  const float a = op.alpha;
  switch (op.function) {
    case F::kSqrt:
      Map(op, in, out, n, [](float x) { return std::sqrt(x); });
      return true;
    case F::kReciprocalSqrt:
      Map(op, in, out, n, [=](float x) { return 1 / std::sqrt(x + a); });
      return true;
    case F::kInverse:
      Map(op, in, out, n, [=](float x) { return 1 / (x + a); });
      return true;
    case F::kPower:
      Map(op, in, out, n, [=](float x) { return std::pow(x, a); });
      return true;
    case F::kExp:
      Map(op, in, out, n, [](float x) { return std::exp(x); });
      return true;
    case F::kExp2:
      Map(op, in, out, n, [](float x) { return std::exp2(x); });
      return true;
    case F::kLog:
      Map(op, in, out, n, [=](float x) { return std::log(x + a); });
      return true;
    case F::kErf:
      Map(op, in, out, n, [](float x) { return std::erf(x); });
      return true;
    default:
      return false;
  }
}

bool MapTrigonometric(const graph::Unary& op, const float* in, float* out, int64_t n) {
  switch (op.function) {
    case F::kSin:
      Map(op, in, out, n, [](float x) { return std::sin(x); });
      return true;
    case F::kCos:
      Map(op, in, out, n, [](float x) { return std::cos(x); });
      return true;
    case F::kTan:
      Map(op, in, out, n, [](float x) { return std::tan(x); });
      return true;
    case F::kAsin:
      Map(op, in, out, n, [](float x) { return std::asin(x); });
      return true;
    case F::kAcos:
      Map(op, in, out, n, [](float x) { return std::acos(x); });
      return true;
    case F::kAtan:
      Map(op, in, out, n, [](float x) { return std::atan(x); });
      return true;
    case F::kSinh:
      Map(op, in, out, n, [](float x) { return std::sinh(x); });
      return true;
    case F::kCosh:
      Map(op, in, out, n, [](float x) { return std::cosh(x); });
      return true;
    case F::kAsinh:
      Map(op, in, out, n, [](float x) { return std::asinh(x); });
      return true;
    case F::kAcosh:
      Map(op, in, out, n, [](float x) { return std::acosh(x); });
      return true;
    case F::kAtanh:
      Map(op, in, out, n, [](float x) { return std::atanh(x); });
      return true;
    default:
      return false;
  }
}

bool MapRounding(const graph::Unary& op, const float* in, float* out, int64_t n) {
  switch (op.function) {
    case F::kCeil:
      Map(op, in, out, n, [](float x) { return std::ceil(x); });
      return true;
    case F::kFloor:
      Map(op, in, out, n, [](float x) { return std::floor(x); });
      return true;
    case F::kRound:
      Map(op, in, out, n, [](float x) { return std::nearbyint(x); });
      return true;
    case F::kSign:
      Map(op, in, out, n, Sign);
      return true;
    case F::kLogicalNot:
      Map(op, in, out, n, [](float x) { return x == 0 ? 1.0f : 0.0f; });
      return true;
    default:
      return false;
  }
}

void MapRange(const graph::Unary& op, const float* in, float* out, int64_t n) {
  // Exactly one of the groups knows the function.
  [[maybe_unused]] const bool known =
      MapPiecewiseLinear(op, in, out, n) || MapActivation(op, in, out, n) ||
      MapPower(op, in, out, n) || MapTrigonometric(op, in, out, n) || MapRounding(op, in, out, n);
}

}  // namespace

void ApplyUnary(const graph::Unary& op, const float* input, float* output, int64_t count,
                int threads) {
  ForChunks(count, 1, threads, [&](int64_t begin, int64_t end) {
    MapRange(op, input + begin, output + begin, end - begin);
  });
}

void RunPlain(const graph::Unary& op, const Call& call) {
  ApplyUnary(op, call.inputs[0].data, call.outputs[0].data, graph::Product(call.inputs[0].shape),
             call.threads);
}

}  // namespace nbits

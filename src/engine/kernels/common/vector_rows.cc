// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/common/vector_rows.h"

#include <cmath>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/common/vector_rows.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/extremes-inl.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
// clang-format on
#include "engine/kernels/plain.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;
// Divides the 16 values of a channel block.
using BlockTag = hn::CappedTag<float, 16>;
using F = graph::UnaryFunction;
using B = graph::BinaryOperation;

// out[i] = f(in[i]...); the rest that fills no vector goes through a vector of its own.
template <typename Function>
HWY_INLINE void Map(const float* in, float* out, int64_t count, const Function& f) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(f(hn::LoadU(d, in + i)), d, out + i);
  if (i == count) return;
  HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(in + i, in + count, rest);
  hn::Store(f(hn::Load(d, rest)), d, rest);
  std::copy_n(rest, count - i, out + i);
}

template <typename Function>
HWY_INLINE void MapScaled(const graph::Unary& op, const float* in, float* out, int64_t count,
                          const Function& f) {
  if (op.scale == 1 && op.shift == 0) return Map(in, out, count, f);
  const Tag d;
  const auto scale = hn::Set(d, op.scale), shift = hn::Set(d, op.shift);
  Map(in, out, count, [&](Vector x) { return f(hn::MulAdd(scale, x, shift)); });
}

// 1 / (1 + exp(-x)); below -88 exp would leave Float32's range.
HWY_INLINE Vector Sigmoid(Vector x) {
  const Tag d;
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(AtLeast(hn::Set(d, -88.0f), x)))));
}

// Highway's exponentials are not made for values that are no numbers.
template <typename Function>
HWY_INLINE void MapNumbers(const graph::Unary& op, const float* in, float* out, int64_t count,
                           const Function& f) {
  MapScaled(op, in, out, count, [&](Vector x) { return hn::IfThenElse(hn::IsNaN(x), x, f(x)); });
}

HWY_INLINE Vector Elu(Vector x, Vector alpha) {
  const Tag d;
  const auto negative = hn::Mul(alpha, hn::Expm1(d, hn::Min(x, hn::Zero(d))));
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), negative, x);
}

HWY_INLINE Vector Softplus(Vector x) {
  const Tag d;
  return hn::Add(hn::Max(x, hn::Zero(d)), hn::Log1p(d, hn::Exp(d, hn::Neg(hn::Abs(x)))));
}

HWY_INLINE Vector GeluTanh(Vector x) {
  const Tag d;
  const auto c = hn::Set(d, std::sqrt(2 * std::numbers::inv_pi_v<float>));
  const auto cube = hn::Mul(hn::Mul(x, x), x);
  const auto inner = hn::Mul(c, hn::MulAdd(hn::Set(d, 0.044715f), cube, x));
  const auto half = hn::Mul(hn::Set(d, 0.5f), x);
  return hn::MulAdd(half, hn::Tanh(d, inner), half);
}

HWY_INLINE Vector GeluSigmoid(Vector x) {
  const Tag d;
  const auto y = hn::Mul(hn::Set(d, 1.702f), x);
  // What Sigmoid leaves far out would make -infinity of -infinity, which is NaN times 0.
  return hn::Mul(x, hn::IfThenElseZero(hn::Ge(y, hn::Set(d, -88.0f)), Sigmoid(y)));
}

bool PiecewiseLinear(const graph::Unary& op, const float* in, float* out, int64_t n) {
  const Tag d;
  const auto a = hn::Set(d, op.alpha), b = hn::Set(d, op.beta), zero = hn::Zero(d);
  switch (op.function) {
    case F::kLinear:
      MapScaled(op, in, out, n, [=](Vector x) { return hn::MulAdd(a, x, b); });
      return true;
    case F::kRelu:
      MapScaled(op, in, out, n, [=](Vector x) { return AtLeast(zero, x); });
      return true;
    case F::kLeakyRelu:
      MapScaled(op, in, out, n,
                [=](Vector x) { return hn::IfThenElse(hn::Lt(x, zero), hn::Mul(a, x), x); });
      return true;
    case F::kClip:
      MapScaled(op, in, out, n, [=](Vector x) { return AtMost(b, AtLeast(a, x)); });
      return true;
    case F::kThreshold:
      MapScaled(op, in, out, n, [=](Vector x) { return AtLeast(a, x); });
      return true;
    case F::kHardSigmoid:
      MapScaled(op, in, out, n, [=](Vector x) {
        return AtMost(hn::Set(d, 1.0f), AtLeast(zero, hn::MulAdd(a, x, b)));
      });
      return true;
    case F::kAbs:
      MapScaled(op, in, out, n, [](Vector x) { return hn::Abs(x); });
      return true;
    default:
      return false;
  }
}

bool Exponential(const graph::Unary& op, const float* in, float* out, int64_t n) {
  const Tag d;
  const auto a = hn::Set(d, op.alpha), b = hn::Set(d, op.beta);
  switch (op.function) {
    case F::kSigmoid:
      MapNumbers(op, in, out, n, [](Vector x) { return Sigmoid(x); });
      return true;
    case F::kTanh:
      MapNumbers(op, in, out, n, [=](Vector x) { return hn::Tanh(d, x); });
      return true;
    case F::kScaledTanh:
      MapNumbers(op, in, out, n, [=](Vector x) { return hn::Mul(a, hn::Tanh(d, hn::Mul(b, x))); });
      return true;
    case F::kElu:
      MapNumbers(op, in, out, n, [=](Vector x) { return Elu(x, a); });
      return true;
    case F::kSoftplus:
      MapNumbers(op, in, out, n, [](Vector x) { return Softplus(x); });
      return true;
    case F::kGeluTanh:
      MapNumbers(op, in, out, n, [](Vector x) { return GeluTanh(x); });
      return true;
    case F::kGeluSigmoid:
      MapNumbers(op, in, out, n, [](Vector x) { return GeluSigmoid(x); });
      return true;
    default:
      return false;
  }
}

bool Unary(const graph::Unary& op, const float* in, float* out, int64_t count) {
  return PiecewiseLinear(op, in, out, count) || Exponential(op, in, out, count);
}

template <typename V>
HWY_INLINE V Combine(B operation, V a, V b) {
  switch (operation) {
    case B::kSubtract:
      return hn::Sub(a, b);
    case B::kMultiply:
      return hn::Mul(a, b);
    case B::kDivide:
      return hn::Div(a, b);
    case B::kMinimum:
      return SmallerOf(a, b);
    case B::kMaximum:
      return LargerOf(a, b);
    default:
      return hn::Add(a, b);
  }
}

// The operation is a constant inside `f`'s loop: switched over once a row.
template <typename Function>
HWY_INLINE void WithOperation(B operation, const Function& f) {
  switch (operation) {
    case B::kSubtract:
      return f([](auto a, auto b) HWY_ATTR { return Combine(B::kSubtract, a, b); });
    case B::kMultiply:
      return f([](auto a, auto b) HWY_ATTR { return Combine(B::kMultiply, a, b); });
    case B::kDivide:
      return f([](auto a, auto b) HWY_ATTR { return Combine(B::kDivide, a, b); });
    case B::kMinimum:
      return f([](auto a, auto b) HWY_ATTR { return Combine(B::kMinimum, a, b); });
    case B::kMaximum:
      return f([](auto a, auto b) HWY_ATTR { return Combine(B::kMaximum, a, b); });
    default:
      return f([](auto a, auto b) HWY_ATTR { return Combine(B::kAdd, a, b); });
  }
}

void Binary(B operation, const float* a, const float* b, float* out, int64_t count) {
  WithOperation(operation, [&](const auto& combine) HWY_ATTR {
    const Tag d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      hn::StoreU(combine(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
    }
    const hn::CappedTag<float, 1> one;
    for (; i < count; ++i) {
      hn::StoreU(combine(hn::LoadU(one, a + i), hn::LoadU(one, b + i)), one, out + i);
    }
  });
}

// f(i, lane) for every vector of a row of whole channel blocks.
template <typename Function>
HWY_INLINE void ForBlocks(int64_t count, const Function& f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(BlockTag()));
  for (int64_t i = 0; i < count; i += 16) {
    for (int64_t lane = 0; lane < 16; lane += lanes) f(i + lane, lane);
  }
}

void BinaryPeriodic(B operation, const float* a, const float* period, bool period_first, float* out,
                    int64_t count) {
  const BlockTag d;
  WithOperation(operation, [&](const auto& combine) HWY_ATTR {
    ForBlocks(count, [&](int64_t i, int64_t lane) HWY_ATTR {
      const auto x = hn::LoadU(d, a + i), y = hn::LoadU(d, period + lane);
      hn::StoreU(period_first ? combine(y, x) : combine(x, y), d, out + i);
    });
  });
}

void Affine(const float* in, const float* scale, const float* offset, float* out, int64_t count) {
  const BlockTag d;
  ForBlocks(count, [&](int64_t i, int64_t lane) HWY_ATTR {
    hn::StoreU(
        hn::MulAdd(hn::LoadU(d, in + i), hn::LoadU(d, scale + lane), hn::LoadU(d, offset + lane)),
        d, out + i);
  });
}

void ParametricRelu(const float* in, const float* alpha, float* out, int64_t count) {
  const BlockTag d;
  ForBlocks(count, [&](int64_t i, int64_t lane) HWY_ATTR {
    const auto x = hn::LoadU(d, in + i);
    const auto scaled = hn::Mul(x, hn::LoadU(d, alpha + lane));
    hn::StoreU(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), scaled, x), d, out + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Unary);
HWY_EXPORT(Binary);
HWY_EXPORT(BinaryPeriodic);
HWY_EXPORT(Affine);
HWY_EXPORT(ParametricRelu);

void UnaryRow(const graph::Unary& op, const float* in, float* out, int64_t count) {
  if (!HWY_DYNAMIC_DISPATCH(Unary)(op, in, out, count)) ApplyUnary(op, in, out, count, 1);
}

bool HasBinaryRow(graph::BinaryOperation operation) {
  using B = graph::BinaryOperation;
  return operation == B::kAdd || operation == B::kSubtract || operation == B::kMultiply ||
         operation == B::kDivide || operation == B::kMinimum || operation == B::kMaximum;
}

void BinaryRow(graph::BinaryOperation operation, const float* a, const float* b, float* out,
               int64_t count) {
  HWY_DYNAMIC_DISPATCH(Binary)(operation, a, b, out, count);
}

void BinaryRowPeriodic(graph::BinaryOperation operation, const float* a, const float* period,
                       bool period_first, float* out, int64_t count) {
  HWY_DYNAMIC_DISPATCH(BinaryPeriodic)(operation, a, period, period_first, out, count);
}

void AffineRow(const float* in, const float* scale, const float* offset, float* out,
               int64_t count) {
  HWY_DYNAMIC_DISPATCH(Affine)(in, scale, offset, out, count);
}

void ParametricReluRow(const float* in, const float* alpha, float* out, int64_t count) {
  HWY_DYNAMIC_DISPATCH(ParametricRelu)(in, alpha, out, count);
}

}  // namespace nbits
#endif  // HWY_ONCE

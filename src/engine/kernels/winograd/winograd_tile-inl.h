// SPDX-License-Identifier: Apache-2.0
// The one-dimensional transforms of Winograd's minimal filtering F(m, 3) on vectors, in place over
// arrays. Nested over columns and rows they give F(m x m, 3 x 3).
//
// Source: A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015. Points of
// interpolation: F(4) 0, +-1, +-2, infinity; F(6) those and +-1/2. All factors of the input's and
// output's transforms are sums of few powers of two, so that they add no rounding of their own.
#if defined(NBITS_ENGINE_KERNELS_WINOGRAD_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_KERNELS_WINOGRAD_TILE_INL_H_
#undef NBITS_ENGINE_KERNELS_WINOGRAD_TILE_INL_H_
#else
#define NBITS_ENGINE_KERNELS_WINOGRAD_TILE_INL_H_
#endif

#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

HWY_INLINE LaneVector Times(float factor, LaneVector x) {
  return hn::Mul(hn::Set(LaneTag(), factor), x);
}
// y + factor * x
HWY_INLINE LaneVector Plus(LaneVector y, float factor, LaneVector x) {
  return hn::MulAdd(hn::Set(LaneTag(), factor), x, y);
}

template <int kOutputs>
struct WinogradTile;

template <>
struct WinogradTile<4> {
  static constexpr int kPoints = 6;

  static HWY_INLINE void Input(LaneVector (&x)[6]) {
    const LaneVector even = Plus(x[4], -4, x[2]), odd = Plus(x[3], -4, x[1]);
    const LaneVector even2 = hn::Sub(x[4], x[2]), odd2 = hn::Sub(x[3], x[1]);
    x[0] = Plus(Plus(x[4], -5, x[2]), 4, x[0]);
    x[5] = Plus(Plus(x[5], -5, x[3]), 4, x[1]);
    x[1] = hn::Add(even, odd);
    x[2] = hn::Sub(even, odd);
    x[3] = Plus(even2, 2, odd2);
    x[4] = Plus(even2, -2, odd2);
  }

  static HWY_INLINE void Weights(const LaneVector (&g)[3], LaneVector (&u)[6]) {
    const LaneVector ends = Times(-1.0f / 6, hn::Add(g[0], g[2])), middle = Times(-1.0f / 6, g[1]);
    const LaneVector ends2 = Plus(Times(1.0f / 24, g[0]), 1.0f / 6, g[2]);
    u[0] = Times(0.25f, g[0]);
    u[1] = hn::Add(ends, middle);
    u[2] = hn::Sub(ends, middle);
    u[3] = Plus(ends2, 1.0f / 12, g[1]);
    u[4] = Plus(ends2, -1.0f / 12, g[1]);
    u[5] = g[2];
  }

  static HWY_INLINE void Output(const LaneVector (&m)[6], LaneVector (&y)[4]) {
    const LaneVector sum = hn::Add(m[1], m[2]), difference = hn::Sub(m[1], m[2]);
    const LaneVector sum2 = hn::Add(m[3], m[4]), difference2 = hn::Sub(m[3], m[4]);
    y[0] = hn::Add(hn::Add(m[0], sum), sum2);
    y[1] = Plus(difference, 2, difference2);
    y[2] = Plus(sum, 4, sum2);
    y[3] = hn::Add(Plus(difference, 8, difference2), m[5]);
  }
};

template <>
struct WinogradTile<6> {
  static constexpr int kPoints = 8;

  static HWY_INLINE void Input(LaneVector (&x)[8]) {
    const LaneVector even = Plus(hn::Add(x[2], x[6]), -4.25f, x[4]);
    const LaneVector odd = Plus(hn::Add(x[1], x[5]), -4.25f, x[3]);
    const LaneVector even2 = Plus(Plus(x[6], -1.25f, x[4]), 0.25f, x[2]);
    const LaneVector odd2 = Plus(Plus(Times(0.5f, x[1]), -2.5f, x[3]), 2, x[5]);
    const LaneVector even3 = Plus(Plus(x[6], -5, x[4]), 4, x[2]);
    const LaneVector odd3 = Plus(Plus(Times(2, x[1]), -2.5f, x[3]), 0.5f, x[5]);
    x[0] = Plus(hn::Sub(x[0], x[6]), 5.25f, hn::Sub(x[4], x[2]));
    x[7] = Plus(hn::Sub(x[7], x[1]), 5.25f, hn::Sub(x[3], x[5]));
    x[1] = hn::Add(even, odd);
    x[2] = hn::Sub(even, odd);
    x[3] = hn::Add(even2, odd2);
    x[4] = hn::Sub(even2, odd2);
    x[5] = hn::Add(even3, odd3);
    x[6] = hn::Sub(even3, odd3);
  }

  static HWY_INLINE void Weights(const LaneVector (&g)[3], LaneVector (&u)[8]) {
    const LaneVector ends = Times(-2.0f / 9, hn::Add(g[0], g[2])), middle = Times(-2.0f / 9, g[1]);
    const LaneVector ends2 = Plus(Times(1.0f / 90, g[0]), 2.0f / 45, g[2]);
    const LaneVector ends3 = Plus(Times(1.0f / 45, g[0]), 1.0f / 180, g[2]);
    u[0] = g[0];
    u[1] = hn::Add(ends, middle);
    u[2] = hn::Sub(ends, middle);
    u[3] = Plus(ends2, 1.0f / 45, g[1]);
    u[4] = Plus(ends2, -1.0f / 45, g[1]);
    u[5] = Plus(ends3, 1.0f / 90, g[1]);
    u[6] = Plus(ends3, -1.0f / 90, g[1]);
    u[7] = g[2];
  }

  static HWY_INLINE void Output(const LaneVector (&m)[8], LaneVector (&y)[6]) {
    const LaneVector sum = hn::Add(m[1], m[2]), difference = hn::Sub(m[1], m[2]);
    const LaneVector sum2 = hn::Add(m[3], m[4]), difference2 = hn::Sub(m[3], m[4]);
    const LaneVector sum3 = hn::Add(m[5], m[6]), difference3 = hn::Sub(m[5], m[6]);
    y[0] = Plus(hn::Add(hn::Add(m[0], sum), sum2), 32, sum3);
    y[1] = Plus(Plus(difference, 2, difference2), 16, difference3);
    y[2] = Plus(Plus(sum, 4, sum2), 8, sum3);
    y[3] = Plus(Plus(difference, 8, difference2), 4, difference3);
    y[4] = Plus(Plus(sum, 16, sum2), 2, sum3);
    y[5] = hn::Add(Plus(hn::Add(difference, difference3), 32, difference2), m[7]);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_KERNELS_WINOGRAD_TILE_INL_H_

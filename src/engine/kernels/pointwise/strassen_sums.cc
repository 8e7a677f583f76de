// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/pointwise/strassen_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/pointwise/strassen_sums.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// All four in one pass: the quarters of a tile do not stay in the first-level cache.
void InputSums(const Quarters& a, int64_t count, float* to, int64_t stride) {
  const LaneTag d;
  float *s1 = to, *s2 = s1 + stride, *s3 = s2 + stride, *s4 = s3 + stride;
  for (int64_t i = 0; i < count; i += kLanes) {
    const LaneVector a11 = hn::LoadU(d, a.q11 + i), a21 = hn::LoadU(d, a.q21 + i);
    const LaneVector sum1 = hn::Add(a21, hn::LoadU(d, a.q22 + i)), sum2 = hn::Sub(sum1, a11);
    hn::StoreU(sum1, d, s1 + i);
    hn::StoreU(sum2, d, s2 + i);
    hn::StoreU(hn::Sub(a11, a21), d, s3 + i);
    hn::StoreU(hn::Sub(hn::LoadU(d, a.q12 + i), sum2), d, s4 + i);
  }
}

void WeightSums(const Quarters& b, int64_t count, float* to, int64_t stride) {
  const LaneTag d;
  float *t1 = to, *t2 = t1 + stride, *t3 = t2 + stride, *t4 = t3 + stride;
  for (int64_t i = 0; i < count; i += kLanes) {
    const LaneVector b12 = hn::LoadU(d, b.q12 + i), b22 = hn::LoadU(d, b.q22 + i);
    const LaneVector sum1 = hn::Sub(b12, hn::LoadU(d, b.q11 + i)), sum2 = hn::Sub(b22, sum1);
    hn::StoreU(sum1, d, t1 + i);
    hn::StoreU(sum2, d, t2 + i);
    hn::StoreU(hn::Sub(b22, b12), d, t3 + i);
    hn::StoreU(hn::Sub(hn::LoadU(d, b.q21 + i), sum2), d, t4 + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(InputSums);
HWY_EXPORT(WeightSums);

void StrassenInputSums(const Quarters& a, int64_t count, float* to, int64_t stride) {
  HWY_DYNAMIC_DISPATCH(InputSums)(a, count, to, stride);
}
void StrassenWeightSums(const Quarters& b, int64_t count, float* to, int64_t stride) {
  HWY_DYNAMIC_DISPATCH(WeightSums)(b, count, to, stride);
}

namespace reference {

void StrassenInputSums(const Quarters& a, int64_t count, float* to, int64_t stride) {
  for (int64_t i = 0; i < count; ++i) {
    const float s1 = a.q21[i] + a.q22[i], s2 = s1 - a.q11[i];
    const float s3 = a.q11[i] - a.q21[i], s4 = a.q12[i] - s2;
    to[i] = s1, to[stride + i] = s2, to[2 * stride + i] = s3, to[3 * stride + i] = s4;
  }
}

void StrassenWeightSums(const Quarters& b, int64_t count, float* to, int64_t stride) {
  for (int64_t i = 0; i < count; ++i) {
    const float t1 = b.q12[i] - b.q11[i], t2 = b.q22[i] - t1;
    const float t3 = b.q22[i] - b.q12[i], t4 = b.q21[i] - t2;
    to[i] = t1, to[stride + i] = t2, to[2 * stride + i] = t3, to[3 * stride + i] = t4;
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

// SPDX-License-Identifier: Apache-2.0
// Sums of the lanes of several vectors at once. Included once for every instruction set.
#if defined(NBITS_ENGINE_PACKED_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_PACKED_SUMS_INL_H_
#undef NBITS_ENGINE_PACKED_SUMS_INL_H_
#else
#define NBITS_ENGINE_PACKED_SUMS_INL_H_
#endif

#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE void StoreFourSums(const LaneVector* vectors, float* to) {
  for (int i = 0; i < 4; ++i) to[i] = hn::GetLane(vectors[i]);
}

#else

// Halves are added until four lanes are left.
template <class V>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> AddQuarters(V v) {
  const hn::DFromV<V> d;
  if constexpr (hn::MaxLanes(d) == 4) {
    return v;
  } else {
    const hn::Half<decltype(d)> half;
    return AddQuarters(hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// to[i] = sum of the lanes of vectors[i], for i < 4: a transposition of which only sums are kept.
HWY_INLINE void StoreFourSums(const LaneVector* vectors, float* to) {
  const LaneTag d;
  const hn::Repartition<double, LaneTag> pairs;
  const auto add = [&](LaneVector a, LaneVector b) HWY_ATTR {
    return hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
  };
  const auto ab = hn::BitCast(pairs, add(vectors[0], vectors[1]));
  const auto ce = hn::BitCast(pairs, add(vectors[2], vectors[3]));
  const auto sums = hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)),
                            hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce)));
  hn::StoreU(AddQuarters(sums), hn::FixedTag<float, 4>(), to);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_PACKED_SUMS_INL_H_

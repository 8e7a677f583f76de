// SPDX-License-Identifier: Apache-2.0
// Vectors over the 16 channels of a block: one of 16 lanes, two of 8 or four of 4. Included once
// for every instruction set (Highway's foreach_target).
#if defined(NBITS_ENGINE_KERNELS_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NBITS_ENGINE_KERNELS_LANES_INL_H_
#undef NBITS_ENGINE_KERNELS_LANES_INL_H_
#else
#define NBITS_ENGINE_KERNELS_LANES_INL_H_
#endif

#include "engine/format.h"
#include "hwy/highway.h"
#include "tensor/half.h"
#include "tensor/has_half-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using LaneTag = hn::CappedTag<float, kChannelBlock>;
using LaneVector = hn::Vec<LaneTag>;
inline constexpr int kLanes = HWY_LANES(float) < kChannelBlock ? HWY_LANES(float) : kChannelBlock;
inline constexpr int kParts = kChannelBlock / kLanes;  // Vectors in a block of channels.

HWY_INLINE LaneVector LoadHalves(const uint16_t* from) {
  const LaneTag d;
#if NBITS_HAS_HALF
  const hn::Rebind<hwy::float16_t, LaneTag> dh;
  return hn::PromoteTo(d, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(from)));
#else
  HWY_ALIGN float values[kLanes];
  for (int i = 0; i < kLanes; ++i) values[i] = FloatFromHalf(from[i]);
  return hn::Load(d, values);
#endif
}

HWY_INLINE void StoreHalves(LaneVector value, uint16_t* to) {
#if NBITS_HAS_HALF
  const hn::Rebind<hwy::float16_t, LaneTag> dh;
  hn::StoreU(hn::DemoteTo(dh, value), dh, reinterpret_cast<hwy::float16_t*>(to));
#else
  HWY_ALIGN float values[kLanes];
  hn::Store(value, LaneTag(), values);
  for (int i = 0; i < kLanes; ++i) to[i] = HalfFromFloat(values[i]);
#endif
}

// `index` counts elements from `data`.
HWY_INLINE LaneVector LoadLanes(const void* data, Element element, int64_t index) {
  if (element == Element::kFloat16) return LoadHalves(static_cast<const uint16_t*>(data) + index);
  return hn::LoadU(LaneTag(), static_cast<const float*>(data) + index);
}
HWY_INLINE void StoreLanes(LaneVector value, void* data, Element element, int64_t index) {
  if (element == Element::kFloat16) {
    StoreHalves(value, static_cast<uint16_t*>(data) + index);
  } else {
    hn::StoreU(value, LaneTag(), static_cast<float*>(data) + index);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#endif  // NBITS_ENGINE_KERNELS_LANES_INL_H_

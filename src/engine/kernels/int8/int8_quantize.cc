// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/int8/int8_quantize.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/int8/int8_lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

void Extend(const PixelSpan& pixels, Int8Range& range) {
  const LaneTag d;
  constexpr int kChains = 4;  // Of comparisons that need not wait for each other.
  LaneVector low[kChains], high[kChains];
  for (int chain = 0; chain < kChains; ++chain) {
    low[chain] = hn::Set(d, range.low);
    high[chain] = hn::Set(d, range.high);
  }
  for (int64_t i = 0; i < pixels.count; i += kChains) {
    for (int lane = 0; lane < kChannelBlock; lane += kLanes) {
      HWY_UNROLL(4)
      for (int chain = 0; chain < kChains; ++chain) {
        const int64_t pixel = std::min(i + chain, pixels.count - 1);
        const LaneVector value = hn::LoadU(d, pixels.data + pixel * pixels.stride + lane);
        low[chain] = hn::Min(value, low[chain]);
        high[chain] = hn::Max(value, high[chain]);
      }
    }
  }
  for (int chain = 1; chain < kChains; ++chain) {
    low[0] = hn::Min(low[0], low[chain]);
    high[0] = hn::Max(high[0], high[chain]);
  }
  range.low = hn::GetLane(hn::MinOfLanes(d, low[0]));
  range.high = hn::GetLane(hn::MaxOfLanes(d, high[0]));
}

void Quantize(const PixelSpan& pixels, const Int8Grid& grid, uint8_t* to) {
  const LaneTag d;
  const hn::Rebind<uint8_t, LaneTag> bytes;
  const LaneVector inverse = hn::Set(d, 1 / grid.scale);
  const IntVector zero = hn::Set(IntTag(), grid.zero);
  for (int64_t i = 0; i < pixels.count; ++i) {
    for (int lane = 0; lane < kChannelBlock; lane += kLanes) {
      const LaneVector value = hn::LoadU(d, pixels.data + i * pixels.stride + lane);
      const IntVector rounded = hn::NearestInt(hn::Mul(value, inverse));
      hn::StoreU(hn::DemoteTo(bytes, hn::Add(rounded, zero)), bytes, to + i * kChannelBlock + lane);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Extend);
HWY_EXPORT(Quantize);

Int8Grid GridOf(const Int8Range& range) {
  const float width = range.high - range.low;
  // Values so small that their grid has no inverse are as good as zero.
  if (width <= 255 / std::numeric_limits<float>::max()) return {};
  const float scale = width / 255;
  const float zero = std::nearbyint(-range.low / scale);
  // Not so where the range is infinite.
  return {scale, zero >= 0 && zero <= 255 ? static_cast<int32_t>(zero) : 0};
}

void ExtendRange(const PixelSpan& pixels, Int8Range& range) {
  HWY_DYNAMIC_DISPATCH(Extend)(pixels, range);
}
void QuantizePixels(const PixelSpan& pixels, const Int8Grid& grid, uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(Quantize)(pixels, grid, to);
}
namespace reference {

void ExtendRange(const PixelSpan& pixels, Int8Range& range) {
  for (int64_t i = 0; i < pixels.count; ++i) {
    for (int64_t c = 0; c < kChannelBlock; ++c) {
      const float value = pixels.data[i * pixels.stride + c];
      if (value < range.low) range.low = value;
      if (value > range.high) range.high = value;
    }
  }
}

void QuantizePixels(const PixelSpan& pixels, const Int8Grid& grid, uint8_t* to) {
  const float inverse = 1 / grid.scale;
  for (int64_t i = 0; i < pixels.count; ++i) {
    for (int64_t c = 0; c < kChannelBlock; ++c) {
      const float code = std::nearbyint(pixels.data[i * pixels.stride + c] * inverse);
      const float stored = std::clamp(code + static_cast<float>(grid.zero), 0.0f, 255.0f);
      to[i * kChannelBlock + c] = static_cast<uint8_t>(stored);
    }
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

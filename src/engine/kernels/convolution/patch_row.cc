// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/convolution/patch_row.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/convolution/patch_row.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

void CopyRow(const void* from, Element element, int64_t step, int64_t count, float* to) {
  const LaneTag d;
  for (int64_t i = 0; i < count; ++i) {
    for (int lane = 0; lane < kChannelBlock; lane += kLanes) {
      const LaneVector value = LoadLanes(from, element, i * step * kChannelBlock + lane);
      hn::StoreU(value, d, to + i * kChannelBlock + lane);
    }
  }
}

// a + fraction * (b - a)
HWY_INLINE LaneVector Blend(LaneVector a, LaneVector b, float fraction) {
  return hn::MulAdd(hn::Set(LaneTag(), fraction), hn::Sub(b, a), a);
}

HWY_INLINE LaneVector SampleColumn(const SampledRow& s, int64_t row, const Sample& column,
                                   int lane) {
  const int64_t start = row * s.width * kChannelBlock + lane;
  return Blend(LoadLanes(s.plane, s.element, start + column.low * kChannelBlock),
               LoadLanes(s.plane, s.element, start + column.high * kChannelBlock), column.fraction);
}

void SampleRowOf(const SampledRow& s, int64_t count, float* to) {
  const LaneTag d;
  for (int64_t i = 0; i < count; ++i) {
    const Sample& column = s.columns[i * s.step];
    for (int lane = 0; lane < kChannelBlock; lane += kLanes) {
      const LaneVector value = Blend(SampleColumn(s, s.row.low, column, lane),
                                     SampleColumn(s, s.row.high, column, lane), s.row.fraction);
      hn::StoreU(value, d, to + i * kChannelBlock + lane);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(CopyRow);
HWY_EXPORT(SampleRowOf);

void CopyPixels(const void* from, Element element, int64_t step, int64_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(CopyRow)(from, element, step, count, to);
}

void SamplePixels(const SampledRow& row, int64_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(SampleRowOf)(row, count, to);
}

}  // namespace nbits
#endif  // HWY_ONCE

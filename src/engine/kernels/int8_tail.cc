#include "engine/kernels/int8_tail.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/int8_tail.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/convolution_tail-inl.h"
#include "engine/kernels/int8_lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

void StoreRow(const int32_t* sums, int64_t count, const Int8Meaning& meaning,
              const BlockedOutput& output, int64_t block, int64_t y, int64_t x) {
  const LaneTag d;
  const IntTag di;
  const int64_t index = output.IndexOf(block, y, x);
  for (int part = 0; part < kParts; ++part) {
    const TailLanes tail(output, block, part);
    const LaneVector factor = hn::LoadU(d, meaning.factor + part * kLanes);
    const LaneVector offset = hn::LoadU(d, meaning.offset + part * kLanes);
    const IntVector zero = hn::LoadU(di, meaning.zero_sums + part * kLanes);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = i * kChannelBlock + part * kLanes;
      const LaneVector sum = hn::ConvertTo(d, hn::Sub(hn::LoadU(di, sums + at), zero));
      const LaneVector row_sum = hn::ConvertTo(d, hn::Set(di, meaning.row_sums[i]));
      tail.Store(hn::Add(hn::Mul(sum, factor), hn::Mul(row_sum, offset)), index + at);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(StoreRow);

void StoreInt8TailRow(const int32_t* sums, int64_t count, const Int8Meaning& meaning,
                      const BlockedOutput& output, int64_t block, int64_t y, int64_t x) {
  HWY_DYNAMIC_DISPATCH(StoreRow)(sums, count, meaning, output, block, y, x);
}

namespace reference {

void Int8Values(const int32_t* sums, int64_t count, const Int8Meaning& meaning, float* to) {
  for (int64_t i = 0; i < count * kChannelBlock; ++i) {
    const int64_t k = i % kChannelBlock;
    const auto sum = static_cast<int32_t>(static_cast<uint32_t>(sums[i]) -
                                          static_cast<uint32_t>(meaning.zero_sums[k]));
    const auto row_sum = static_cast<float>(meaning.row_sums[i / kChannelBlock]);
    to[i] = static_cast<float>(sum) * meaning.factor[k] + row_sum * meaning.offset[k];
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

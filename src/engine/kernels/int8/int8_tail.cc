// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_tail.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/int8/int8_tail.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/convolution/convolution_tail-inl.h"
#include "engine/kernels/int8/int8_lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Lanes of one term.
struct TermLanes {
  const int32_t* sums;
  LaneVector factor;
  IntVector zero;

  TermLanes(const Int8Sums::Term& term, int64_t lane)
      : sums(term.sums + lane),
        factor(hn::LoadU(LaneTag(), term.factor + lane)),
        zero(hn::LoadU(IntTag(), term.zero_sums + lane)) {}

  HWY_INLINE LaneVector At(int64_t pixel) const {
    const IntVector sum = hn::LoadU(IntTag(), sums + pixel * kChannelBlock);
    return hn::Mul(hn::ConvertTo(LaneTag(), hn::Sub(sum, zero)), factor);
  }
};

template <bool kTwoTerms>
HWY_INLINE void StorePart(const Int8Sums& sums, int64_t count, const TailLanes& tail, int64_t lane,
                          int64_t index) {
  const LaneTag d;
  const TermLanes first(sums.terms[0], lane), second(sums.terms[kTwoTerms ? 1 : 0], lane);
  const LaneVector offset = hn::LoadU(d, sums.offset + lane);
  for (int64_t i = 0; i < count; ++i) {
    const LaneVector row_sum = hn::ConvertTo(d, hn::Set(IntTag(), sums.row_sums[i]));
    LaneVector value = hn::Add(first.At(i), hn::Mul(row_sum, offset));
    if (kTwoTerms) value = hn::Add(value, second.At(i));
    tail.Store(value, index + i * kChannelBlock + lane);
  }
}

void StoreRow(const Int8Sums& sums, int64_t count, const BlockedOutput& output, int64_t block,
              int64_t y, int64_t x) {
  const int64_t index = output.IndexOf(block, y, x);
  for (int part = 0; part < kParts; ++part) {
    const TailLanes tail(output, block, part);
    if (sums.count == 2) {
      StorePart<true>(sums, count, tail, part * kLanes, index);
    } else {
      StorePart<false>(sums, count, tail, part * kLanes, index);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(StoreRow);

void StoreInt8TailRow(const Int8Sums& sums, int64_t count, const BlockedOutput& output,
                      int64_t block, int64_t y, int64_t x) {
  HWY_DYNAMIC_DISPATCH(StoreRow)(sums, count, output, block, y, x);
}

namespace reference {

void Int8Values(const Int8Sums& sums, int64_t count, float* to) {
  for (int64_t i = 0; i < count * kChannelBlock; ++i) {
    const int64_t k = i % kChannelBlock;
    const auto term = [&](const Int8Sums::Term& t) {
      const auto sum = static_cast<int32_t>(static_cast<uint32_t>(t.sums[i]) -
                                            static_cast<uint32_t>(t.zero_sums[k]));
      return static_cast<float>(sum) * t.factor[k];
    };
    const auto row_sum = static_cast<float>(sums.row_sums[i / kChannelBlock]);
    to[i] = term(sums.terms[0]) + row_sum * sums.offset[k];
    if (sums.count == 2) to[i] += term(sums.terms[1]);
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

#include "engine/kernels/kernel_lanes.h"

#include <algorithm>

#include "nbits/quantize.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/kernel_lanes.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
void Transpose(const float* from, int64_t stride, int64_t count, float* to) {
  for (int64_t i = 0; i < count * kChannelBlock; ++i) {
    to[i] = from[i % kChannelBlock * stride + i / kChannelBlock];
  }
}
#else
// Four by four values by two rounds of interleaving.
HWY_INLINE void TransposeSquare(const float* from, int64_t stride, float* to) {
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  const auto a = hn::LoadU(d, from), b = hn::LoadU(d, from + stride);
  const auto c = hn::LoadU(d, from + 2 * stride), e = hn::LoadU(d, from + 3 * stride);
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab_low, ce_low)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_low, ce_low)), d, to + kChannelBlock);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab_high, ce_high)), d,
             to + 2 * kChannelBlock);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_high, ce_high)), d,
             to + 3 * kChannelBlock);
}

void Transpose(const float* from, int64_t stride, int64_t count, float* to) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int64_t k = 0; k < kChannelBlock; k += 4) {
      TransposeSquare(from + k * stride + i, stride, to + i * kChannelBlock + k);
    }
  }
  for (; i < count; ++i) {
    for (int64_t k = 0; k < kChannelBlock; ++k) to[i * kChannelBlock + k] = from[k * stride + i];
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Transpose);

void TransposeToLanes(const float* from, int64_t stride, int64_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(Transpose)(from, stride, count, to);
}

void KernelLanes::Read(int64_t block, int64_t first, int64_t channels, float* rows,
                       float* to) const {
  const int64_t stride = channels * taps_;
  const int64_t present = std::clamp<int64_t>(input_channels_ - first, 0, channels) * taps_;
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    const int64_t channel = block * kChannelBlock + k;
    const int64_t count = channel < output_channels_ ? present : 0;
    float* row = rows + k * stride;
    // Cannot fail: the range lies within the tensor.
    DequantizeRange(weights_, (channel * input_channels_ + first) * taps_,
                    {row, static_cast<size_t>(count)})
        .IgnoreError();
    std::fill(row + count, row + stride, 0.0f);
  }
  TransposeToLanes(rows, stride, stride, to);
}

}  // namespace nbits
#endif  // HWY_ONCE

#include "engine/kernels/kernel_lanes.h"

#include <algorithm>
#include <cstring>

#include "engine/workspace.h"
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

// Values are moved as they are unless there is a scale: they need not be numbers.
HWY_INLINE void TransposeColumns(const float* from, int64_t stride, int64_t begin, int64_t end,
                                 float* to, const float* scale) {
  for (int64_t i = begin; i < end; ++i) {
    for (int64_t k = 0; k < kChannelBlock; ++k) {
      std::memcpy(to + i * kChannelBlock + k, from + k * stride + i, sizeof(float));
      if (scale != nullptr) to[i * kChannelBlock + k] *= scale[k];
    }
  }
}

#if HWY_TARGET == HWY_SCALAR
void Transpose(const float* from, int64_t stride, int64_t count, float* to, const float* scale) {
  TransposeColumns(from, stride, 0, count, to, scale);
}
#else
// Four by four values by two rounds of interleaving.
template <bool kScaled>
HWY_INLINE void TransposeSquare(const float* from, int64_t stride, float* to, const float* scale) {
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  const auto a = hn::LoadU(d, from), b = hn::LoadU(d, from + stride);
  const auto c = hn::LoadU(d, from + 2 * stride), e = hn::LoadU(d, from + 3 * stride);
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  const auto store = [&](auto values, int64_t row) HWY_ATTR {
    auto lanes = hn::BitCast(d, values);
    if constexpr (kScaled) lanes = hn::Mul(lanes, hn::LoadU(d, scale));
    hn::StoreU(lanes, d, to + row * kChannelBlock);
  };
  store(hn::InterleaveLower(pairs, ab_low, ce_low), 0);
  store(hn::InterleaveUpper(pairs, ab_low, ce_low), 1);
  store(hn::InterleaveLower(pairs, ab_high, ce_high), 2);
  store(hn::InterleaveUpper(pairs, ab_high, ce_high), 3);
}

template <bool kScaled>
void TransposeAs(const float* from, int64_t stride, int64_t count, float* to, const float* scale) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int64_t k = 0; k < kChannelBlock; k += 4) {
      TransposeSquare<kScaled>(from + k * stride + i, stride, to + i * kChannelBlock + k,
                               kScaled ? scale + k : nullptr);
    }
  }
  TransposeColumns(from, stride, i, count, to, scale);
}

void Transpose(const float* from, int64_t stride, int64_t count, float* to, const float* scale) {
  scale != nullptr ? TransposeAs<true>(from, stride, count, to, scale)
                   : TransposeAs<false>(from, stride, count, to, nullptr);
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(Transpose);

void TransposeToLanes(const float* from, int64_t stride, int64_t count, float* to,
                      const float* scale) {
  HWY_DYNAMIC_DISPATCH(Transpose)(from, stride, count, to, scale);
}

const float* KernelLanes::InPlace(int64_t block, int64_t first) const {
  const bool is_whole = (block + 1) * kChannelBlock <= output_channels_;
  const float* values = is_whole ? PlainValues(weights_) : nullptr;
  if (values == nullptr) return nullptr;
  return values + (block * kChannelBlock * input_channels_ + first) * taps_;
}

void KernelLanes::Read(int64_t block, int64_t first, int64_t channels, float* rows, float* to,
                       const float* scale) const {
  const int64_t stride = channels * taps_;
  const int64_t present = std::clamp<int64_t>(input_channels_ - first, 0, channels) * taps_;
  if (const float* values = InPlace(block, first)) {
    TransposeToLanes(values, input_channels_ * taps_, present, to, scale);
    std::fill(to + present * kChannelBlock, to + stride * kChannelBlock, 0.0f);
    return;
  }
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
  TransposeToLanes(rows, stride, stride, to, scale);
}

}  // namespace nbits
#endif  // HWY_ONCE

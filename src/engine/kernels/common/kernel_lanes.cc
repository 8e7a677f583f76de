// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/common/kernel_lanes.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nbits/packed_tensor.h"
#include "tensor/bit_pack.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/common/kernel_lanes.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Values stand anywhere in a file's bytes, at no particular alignment; strides count values.
constexpr int64_t kBytes = sizeof(float);

// Values are moved as they are unless there is a scale: they need not be numbers.
HWY_INLINE void TransposeColumns(const std::byte* from, int64_t stride, int64_t begin, int64_t end,
                                 float* to, const float* scale) {
  for (int64_t i = begin; i < end; ++i) {
    for (int64_t k = 0; k < kChannelBlock; ++k) {
      std::memcpy(to + i * kChannelBlock + k, from + (k * stride + i) * kBytes, kBytes);
      if (scale != nullptr) to[i * kChannelBlock + k] *= scale[k];
    }
  }
}

#if HWY_TARGET == HWY_SCALAR
void Transpose(const std::byte* from, int64_t stride, int64_t count, float* to,
               const float* scale) {
  TransposeColumns(from, stride, 0, count, to, scale);
}
#else
// Four values of each of kWidth / 4 rows that stand four apart, side by side.
template <int kWidth>
HWY_INLINE auto LoadRows(const std::byte* from, int64_t stride) {
  const hn::FixedTag<float, kWidth> d;
  if constexpr (kWidth == 4) {
    return hn::LoadU(d, reinterpret_cast<const float*>(from));
  } else {
    return hn::Combine(d, LoadRows<kWidth / 2>(from + kWidth / 2 * stride * kBytes, stride),
                       LoadRows<kWidth / 2>(from, stride));
  }
}

// kLanes rows of four values become four columns, by two rounds of interleaving.
template <bool kScaled>
HWY_INLINE void TransposeFour(const std::byte* from, int64_t stride, float* to, LaneVector scale) {
  const LaneTag d;
  const hn::Repartition<double, LaneTag> pairs;
  const auto load = [&](int64_t row)
                        HWY_ATTR { return LoadRows<kLanes>(from + row * stride * kBytes, stride); };
  const auto a = load(0), b = load(1), c = load(2), e = load(3);
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  const auto store = [&](auto values, int64_t row) HWY_ATTR {
    auto lanes = hn::BitCast(d, values);
    if constexpr (kScaled) lanes = hn::Mul(lanes, scale);
    hn::StoreU(lanes, d, to + row * kChannelBlock);
  };
  store(hn::InterleaveLower(pairs, ab_low, ce_low), 0);
  store(hn::InterleaveUpper(pairs, ab_low, ce_low), 1);
  store(hn::InterleaveLower(pairs, ab_high, ce_high), 2);
  store(hn::InterleaveUpper(pairs, ab_high, ce_high), 3);
}

template <bool kScaled>
void TransposeAs(const std::byte* from, int64_t stride, int64_t count, float* to,
                 const float* scale) {
  const int64_t whole = count / 4 * 4;
  for (int64_t k = 0; k < kChannelBlock; k += kLanes) {
    const LaneVector factor = kScaled ? hn::LoadU(LaneTag(), scale + k) : hn::Zero(LaneTag());
    for (int64_t i = 0; i < whole; i += 4) {
      TransposeFour<kScaled>(from + (k * stride + i) * kBytes, stride, to + i * kChannelBlock + k,
                             factor);
    }
  }
  TransposeColumns(from, stride, whole, count, to, scale);
}

void Transpose(const std::byte* from, int64_t stride, int64_t count, float* to,
               const float* scale) {
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

void TransposeToLanes(const std::byte* from, int64_t stride, int64_t count, float* to,
                      const float* scale) {
  HWY_DYNAMIC_DISPATCH(Transpose)(from, stride, count, to, scale);
}

KernelLanes::KernelLanes(const PackedTensor& weights, int64_t input_channels, int64_t taps)
    : weights_(weights),
      output_channels_(weights.shape[0]),
      input_channels_(input_channels),
      taps_(taps) {
  const bool is_linear =
      weights.scheme == Scheme::kLinear || weights.scheme == Scheme::kSignedLinear;
  has_grid_ = is_linear && (weights.scale.size() <= 1 || weights.channel_axis == 0);
}

const std::byte* KernelLanes::InPlace(int64_t block, int64_t first) const {
  const bool is_plain =
      std::endian::native == std::endian::little && weights_.scheme == Scheme::kFloat32;
  if (!is_plain || (block + 1) * kChannelBlock > output_channels_) return nullptr;
  return weights_.bytes.data() + 4 * (block * kChannelBlock * input_channels_ + first) * taps_;
}

LaneGrid KernelLanes::GridOf(int64_t block, const float* scale) const {
  LaneGrid grid;
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    const int64_t channel = weights_.scale.size() > 1 ? block * kChannelBlock + k : 0;
    grid.scale[k] = weights_.scale[channel];
    grid.offset[k] = weights_.offset.empty() ? 0.0f : weights_.offset[channel];
    grid.factor[k] = scale != nullptr ? scale[k] : 1.0f;
  }
  return grid;
}

// `present` of the `stride` codes of each row are there.
void KernelLanes::ReadCodes(int64_t block, int64_t start, int64_t present, int64_t stride,
                            uint8_t* rows, float* to, const float* scale) const {
  const int64_t length = input_channels_ * taps_;
  const int64_t begin = block * kChannelBlock * length + start;
  const uint8_t* codes = reinterpret_cast<const uint8_t*>(weights_.bytes.data()) + begin;
  int64_t pitch = length;
  if (weights_.bits < 8) {
    codes = rows, pitch = present;
    // Whole rows follow each other.
    const int64_t reads = present == length ? 1 : kChannelBlock;
    const auto count = static_cast<size_t>(present * kChannelBlock / reads);
    for (int64_t k = 0; k < reads; ++k) {
      UnpackBits(weights_.bytes.data(), begin + k * length, weights_.bits, weights_.bit_order,
                 {rows + k * present, count});
    }
  }
  const LaneGrid grid = GridOf(block, scale);
  if (weights_.scheme == Scheme::kSignedLinear) {
    DecodeToLanes(reinterpret_cast<const int8_t*>(codes), pitch, present, grid, to);
  } else {
    DecodeToLanes(codes, pitch, present, grid, to);
  }
  std::fill(to + present * kChannelBlock, to + stride * kChannelBlock, 0.0f);
}

void KernelLanes::Read(int64_t block, int64_t first, int64_t channels, float* rows, float* to,
                       const float* scale) const {
  const int64_t stride = channels * taps_;
  const int64_t present = std::clamp<int64_t>(input_channels_ - first, 0, channels) * taps_;
  if (const std::byte* values = InPlace(block, first)) {
    TransposeToLanes(values, input_channels_ * taps_, present, to, scale);
    std::fill(to + present * kChannelBlock, to + stride * kChannelBlock, 0.0f);
    return;
  }
  if (has_grid_ && (block + 1) * kChannelBlock <= output_channels_) {
    return ReadCodes(block, first * taps_, present, stride, reinterpret_cast<uint8_t*>(rows), to,
                     scale);
  }
  const int64_t outputs =
      std::clamp<int64_t>(output_channels_ - block * kChannelBlock, 0, kChannelBlock);
  // Whole rows follow each other; parts of them are read one by one.
  const bool is_whole = first == 0 && channels == input_channels_;
  const int64_t reads = is_whole ? 1 : outputs, length = is_whole ? outputs * stride : present;
  for (int64_t k = 0; k < reads; ++k) {
    const int64_t channel = block * kChannelBlock + k;
    float* row = rows + k * stride;
    // Cannot fail: the range lies within the tensor.
    DequantizeRange(weights_, (channel * input_channels_ + first) * taps_,
                    {row, static_cast<size_t>(length)})
        .IgnoreError();
    if (!is_whole) std::fill(row + present, row + stride, 0.0f);
  }
  std::fill(rows + outputs * stride, rows + kChannelBlock * stride, 0.0f);
  TransposeToLanes(reinterpret_cast<const std::byte*>(rows), stride, stride, to, scale);
}

}  // namespace nbits
#endif  // HWY_ONCE

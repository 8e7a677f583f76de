// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/common/code_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/common/code_lanes.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

template <typename Code>
HWY_INLINE void DecodeOne(const Code* codes, int64_t stride, const LaneGrid& grid, float* to) {
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    const auto code = static_cast<float>(codes[k * stride]);
    to[k] = (code * grid.scale[k] + grid.offset[k]) * grid.factor[k];
  }
}

#if HWY_TARGET != HWY_SCALAR
// Four rounds of interleaving, each of which brings rows together that were half as far apart.
HWY_INLINE void TransposeCodes(const uint8_t* codes, int64_t stride, uint8_t* to) {
  const hn::FixedTag<uint8_t, 16> d;
  using Vector = hn::Vec<decltype(d)>;
  Vector a[16], b[16];
  HWY_UNROLL(16)
  for (int k = 0; k < 16; ++k) a[k] = hn::LoadU(d, codes + k * stride);
  const auto interleave = [&](const Vector* from, Vector* result) HWY_ATTR {
    HWY_UNROLL(8)
    for (int k = 0; k < 8; ++k) {
      result[2 * k] = hn::InterleaveLower(d, from[k], from[k + 8]);
      result[2 * k + 1] = hn::InterleaveUpper(d, from[k], from[k + 8]);
    }
  };
  interleave(a, b);
  interleave(b, a);
  interleave(a, b);
  interleave(b, a);
  HWY_UNROLL(16)
  for (int i = 0; i < 16; ++i) hn::Store(a[i], d, to + 16 * i);
}

// 16 codes of 16 channels, transposed.
template <typename Code>
HWY_INLINE void DecodeSquare(const Code* codes, const LaneGrid& grid, float* to) {
  const LaneTag d;
  const hn::RebindToSigned<LaneTag> di;
  const hn::Rebind<Code, LaneTag> dc;
  for (int k = 0; k < kChannelBlock; k += kLanes) {
    const LaneVector scale = hn::LoadU(d, grid.scale + k), offset = hn::LoadU(d, grid.offset + k);
    const LaneVector factor = hn::LoadU(d, grid.factor + k);
    HWY_UNROLL(4)
    for (int i = 0; i < kChannelBlock; ++i) {
      const int at = i * static_cast<int>(kChannelBlock) + k;
      const LaneVector code = hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dc, codes + at)));
      hn::StoreU(hn::Mul(hn::MulAdd(code, scale, offset), factor), d, to + at);
    }
  }
}
#endif

template <typename Code>
HWY_INLINE void Decode(const Code* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                       float* to) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  alignas(64) Code square[kChannelBlock * kChannelBlock];
  for (; i + kChannelBlock <= count; i += kChannelBlock) {
    TransposeCodes(reinterpret_cast<const uint8_t*>(codes + i), stride,
                   reinterpret_cast<uint8_t*>(square));
    DecodeSquare(square, grid, to + i * kChannelBlock);
  }
#endif
  for (; i < count; ++i) DecodeOne(codes + i, stride, grid, to + i * kChannelBlock);
}

void DecodeUnsigned(const uint8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                    float* to) {
  Decode(codes, stride, count, grid, to);
}
void DecodeSigned(const int8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                  float* to) {
  Decode(codes, stride, count, grid, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(DecodeUnsigned);
HWY_EXPORT(DecodeSigned);

void DecodeToLanes(const uint8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to) {
  HWY_DYNAMIC_DISPATCH(DecodeUnsigned)(codes, stride, count, grid, to);
}
void DecodeToLanes(const int8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to) {
  HWY_DYNAMIC_DISPATCH(DecodeSigned)(codes, stride, count, grid, to);
}

namespace reference {
namespace {

template <typename Code>
void Decode(const Code* codes, int64_t stride, int64_t count, const LaneGrid& grid, float* to) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < kChannelBlock; ++k) {
      const double code = codes[k * stride + i];
      to[i * kChannelBlock + k] =
          static_cast<float>(code * grid.scale[k] + grid.offset[k]) * grid.factor[k];
    }
  }
}

}  // namespace

void DecodeToLanes(const uint8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to) {
  Decode(codes, stride, count, grid, to);
}
void DecodeToLanes(const int8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to) {
  Decode(codes, stride, count, grid, to);
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

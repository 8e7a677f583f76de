// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_product.h"

#include <algorithm>
#include <cstring>

#include "engine/kernels/convolution/block_product.h"
#include "engine/kernels/int8/int8_product_vnni.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/int8/int8_product.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/int8/int8_lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Sums of a block that fit the registers beside weights, values and what lies between.
inline constexpr int kRows = HWY_TARGET <= HWY_AVX3 ? 12 : kParts == 4 ? 2 : 4;

HWY_INLINE IntVector FourChannels(const uint8_t* in) {
  int32_t channels;
  std::memcpy(&channels, in, sizeof(channels));
  return hn::Set(IntTag(), channels);
}

template <bool kWide, int kCount>
HWY_INLINE void AddStep(const uint8_t* in, const int8_t* weights,
                        IntVector (&sums)[kCount][kParts]) {
  const IntTag d;
  for (int group = 0; group < kChannelBlock / 4; ++group) {
    IntVector w[kParts];
    HWY_UNROLL(4)
    for (int v = 0; v < kParts; ++v) {
      w[v] = hn::LoadU(d, reinterpret_cast<const int32_t*>(weights + group * 64) + v * kLanes);
    }
    HWY_UNROLL(12)
    for (int r = 0; r < kCount; ++r) {
      const IntVector values = FourChannels(in + r * kChannelBlock + group * 4);
      HWY_UNROLL(4)
      for (int v = 0; v < kParts; ++v) {
        sums[r][v] =
            kWide ? AddFourWide(values, w[v], sums[r][v]) : AddFourNarrow(values, w[v], sums[r][v]);
      }
    }
  }
}

template <int kCount>
HWY_NOINLINE void MultiplyRows(const Int8Product& p, const uint8_t* in, int64_t block,
                               int32_t* out) {
  const IntTag d;
  IntVector sums[kCount][kParts];
  for (auto& row : sums) {
    for (IntVector& sum : row) sum = hn::Zero(d);
  }
  const int64_t steps = static_cast<int64_t>(p.offsets.size());
  const int8_t* weights = p.weights + block * p.weight_stride;
  for (int64_t i = 0; i < steps; ++i, weights += kInt8StepBytes) {
    if (p.wide == nullptr || p.wide[block * steps + i] != 0) {
      AddStep<true>(in + p.offsets[i], weights, sums);
    } else {
      AddStep<false>(in + p.offsets[i], weights, sums);
    }
  }
  for (int r = 0; r < kCount; ++r) {
    for (int v = 0; v < kParts; ++v) {
      hn::StoreU(sums[r][v], d, out + r * kChannelBlock + v * kLanes);
    }
  }
}

void MultiplyAll(const Int8Product& p) {
  const int64_t rows = PaddedRows(p.rows);
  for (int64_t block = 0; block < p.output_blocks; ++block) {
    int32_t* out = p.out + block * p.out_stride;
    int64_t r = 0;
    for (; r + kRows <= rows; r += kRows) {
      MultiplyRows<kRows>(p, p.in + r * kChannelBlock, block, out + r * kChannelBlock);
    }
    for (; r < rows; r += kProductRowMultiple) {
      MultiplyRows<kProductRowMultiple>(p, p.in + r * kChannelBlock, block,
                                        out + r * kChannelBlock);
    }
  }
}

bool UsesVnni() { return HWY_TARGET == HWY_AVX3 && HasVnni(); }

bool Saturates() { return kNarrowSaturates && !UsesVnni(); }

void MultiplyBest(const Int8Product& p) { UsesVnni() ? RunVnniProduct(p) : MultiplyAll(p); }

#if HWY_TARGET == HWY_SCALAR
void SumRows(const uint8_t* in, std::span<const int64_t> offsets, int64_t rows, int32_t* sums) {
  reference::SumInt8Rows(in, offsets, rows, sums);
}
#else
// Two sums of 8 channels a row.
void SumRows(const uint8_t* in, std::span<const int64_t> offsets, int64_t rows, int32_t* sums) {
  const hn::FixedTag<uint8_t, kChannelBlock> d;
  const hn::FixedTag<uint64_t, 2> halves;
  for (int64_t r = 0; r < rows; ++r) {
    auto sum = hn::Zero(halves);
    for (const int64_t offset : offsets) {
      sum = hn::Add(sum, hn::SumsOf8(hn::LoadU(d, in + offset + r * kChannelBlock)));
    }
    sums[r] = static_cast<int32_t>(hn::GetLane(hn::SumOfLanes(halves, sum)));
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(MultiplyAll);
HWY_EXPORT(MultiplyBest);
HWY_EXPORT(Saturates);
HWY_EXPORT(SumRows);

void RunInt8Product(const Int8Product& product) { HWY_DYNAMIC_DISPATCH(MultiplyBest)(product); }
void RunInt8ProductWithoutVnni(const Int8Product& product) {
  HWY_DYNAMIC_DISPATCH(MultiplyAll)(product);
}
bool SaturatesPairs() { return HWY_DYNAMIC_DISPATCH(Saturates)(); }

bool HasSaturatingPair(const int8_t* step) {
  // -255 * 128 leaves 16 bits no more than 255 * 128 does: 2^15 - 128.
  int largest = 0;
  for (int64_t i = 0; i < kInt8StepBytes; i += 2) {
    largest = std::max(largest, std::abs(step[i] + step[i + 1]));
  }
  return largest > 128;
}

void SumInt8Rows(const uint8_t* in, std::span<const int64_t> offsets, int64_t rows, int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(SumRows)(in, offsets, rows, sums);
}

namespace reference {

void RunInt8Product(const Int8Product& p) {
  for (int64_t b = 0; b < p.output_blocks; ++b) {
    for (int64_t r = 0; r < p.rows; ++r) {
      for (int64_t k = 0; k < kChannelBlock; ++k) {
        int32_t sum = 0;
        const int8_t* weights = p.weights + b * p.weight_stride + k * 4;
        for (const int64_t offset : p.offsets) {
          for (int64_t c = 0; c < kChannelBlock; ++c) {
            sum +=
                p.in[offset + r * kChannelBlock + c] * weights[c / 4 * 4 * kChannelBlock + c % 4];
          }
          weights += kInt8StepBytes;
        }
        p.out[b * p.out_stride + r * kChannelBlock + k] = sum;
      }
    }
  }
}

void SumInt8Rows(const uint8_t* in, std::span<const int64_t> offsets, int64_t rows, int32_t* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    sums[r] = 0;
    for (const int64_t offset : offsets) {
      for (int64_t c = 0; c < kChannelBlock; ++c) sums[r] += in[offset + r * kChannelBlock + c];
    }
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

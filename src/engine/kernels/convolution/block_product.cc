// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/convolution/block_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/convolution/block_product.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Accumulators must fit the registers beside the weights and one broadcast value: of 32 registers
// 24 (12 rows x 2 blocks of 16 lanes, 6 rows x 4 vectors of 4), of 16 registers 12 (6 rows x 2).
inline constexpr int kRegisters = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64 ? 32 : 16;
inline constexpr int kMostBlocks = kParts == 1 ? 2 : 1;
inline constexpr int kRowGroup = kParts == 1 ? 4 : kParts == 2 || kRegisters == 32 ? 2 : 1;

template <int kRows, int kBlocks>
struct Sums {
  // Not the implicit one: g++ compiles that without the target's instructions.
  Sums() {}
  LaneVector values[kRows][kBlocks * kParts];
};

template <int kRows, int kBlocks>
HWY_INLINE void LoadSums(const BlockProduct& p, const float* out, Sums<kRows, kBlocks>& sums) {
  const LaneTag d;
  const float* start = p.start != nullptr ? p.start + (out - p.out) : nullptr;
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(4)
    for (int v = 0; v < kBlocks * kParts; ++v) {
      const int64_t at = v / kParts * p.out_stride + r * kChannelBlock + v % kParts * kLanes;
      sums.values[r][v] = start != nullptr ? hn::Load(d, start + at) : hn::Zero(d);
    }
  }
}

template <int kRows, int kBlocks>
HWY_INLINE void StoreSums(const BlockProduct& p, const Sums<kRows, kBlocks>& sums, float* out) {
  const LaneTag d;
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(4)
    for (int v = 0; v < kBlocks * kParts; ++v) {
      const int64_t at = v / kParts * p.out_stride + r * kChannelBlock + v % kParts * kLanes;
      hn::Store(sums.values[r][v], d, out + at);
    }
  }
}

// One input channel: its weights times every row's value.
template <int kRows, int kBlocks, int kRowStride>
HWY_INLINE void AddChannel(const float* in, const float* weights, int64_t weight_stride,
                           Sums<kRows, kBlocks>& sums) {
  const LaneTag d;
  LaneVector w[kBlocks * kParts];
  HWY_UNROLL(4)
  for (int v = 0; v < kBlocks * kParts; ++v) {
    w[v] = hn::Load(d, weights + v / kParts * weight_stride + v % kParts * kLanes);
  }
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) {
    const LaneVector value = hn::Set(d, in[r * kRowStride]);
    HWY_UNROLL(4)
    for (int v = 0; v < kBlocks * kParts; ++v) {
      sums.values[r][v] = hn::MulAdd(value, w[v], sums.values[r][v]);
    }
  }
}

template <int kRows, int kBlocks, int kRowStride>
HWY_NOINLINE void MultiplyRows(const BlockProduct& p, const float* in, const float* weights,
                               float* out) {
  Sums<kRows, kBlocks> sums;
  LoadSums(p, out, sums);
  for (const int64_t offset : p.offsets) {
    const float* row = in + offset;
    HWY_UNROLL(2)
    for (int c = 0; c < kChannelBlock; ++c) {
      AddChannel<kRows, kBlocks, kRowStride>(row + c, weights, p.weight_stride, sums);
      weights += kChannelBlock;
    }
  }
  StoreSums(p, sums, out);
}

// Groups of rows still to do -> groups to do next: three at a time, but four as two and two.
constexpr int64_t NextGroups(int64_t groups) { return groups == 4 ? 2 : groups < 3 ? groups : 3; }

template <int kBlocks, int kRowStride>
void MultiplyBlocks(const BlockProduct& p, const float* weights, float* out) {
  int64_t groups = PaddedRows(p.rows) / kRowGroup;
  const float* in = p.in;
  while (groups > 0) {
    const int64_t next = NextGroups(groups);
    if (next == 3) {
      MultiplyRows<3 * kRowGroup, kBlocks, kRowStride>(p, in, weights, out);
    } else if (next == 2) {
      MultiplyRows<2 * kRowGroup, kBlocks, kRowStride>(p, in, weights, out);
    } else {
      MultiplyRows<kRowGroup, kBlocks, kRowStride>(p, in, weights, out);
    }
    groups -= next;
    in += next * kRowGroup * kRowStride;
    out += next * kRowGroup * kChannelBlock;
  }
}

template <int kRowStride>
void MultiplyAll(const BlockProduct& p) {
  int64_t b = 0;
  for (; b + kMostBlocks <= p.output_blocks; b += kMostBlocks) {
    MultiplyBlocks<kMostBlocks, kRowStride>(p, p.weights + b * p.weight_stride,
                                            p.out + b * p.out_stride);
  }
  for (; b < p.output_blocks; ++b) {
    MultiplyBlocks<1, kRowStride>(p, p.weights + b * p.weight_stride, p.out + b * p.out_stride);
  }
}

void BlockProductOf(const BlockProduct& p) {
  p.double_rows ? MultiplyAll<2 * kChannelBlock>(p) : MultiplyAll<kChannelBlock>(p);
}

int64_t MostBlocks() { return kMostBlocks; }

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(BlockProductOf);
HWY_EXPORT(MostBlocks);

void RunBlockProduct(const BlockProduct& product) { HWY_DYNAMIC_DISPATCH(BlockProductOf)(product); }

int64_t OutputBlocksTogether() { return HWY_DYNAMIC_DISPATCH(MostBlocks)(); }

namespace reference {

void RunBlockProduct(const BlockProduct& p) {
  const int64_t row_stride = p.double_rows ? 2 * kChannelBlock : kChannelBlock;
  for (int64_t b = 0; b < p.output_blocks; ++b) {
    for (int64_t r = 0; r < p.rows; ++r) {
      const int64_t at = b * p.out_stride + r * kChannelBlock;
      float* out = p.out + at;
      for (int64_t k = 0; k < kChannelBlock; ++k) {
        float sum = p.start != nullptr ? p.start[at + k] : 0.0f;
        const float* weights = p.weights + b * p.weight_stride + k;
        for (const int64_t offset : p.offsets) {
          const float* in = p.in + offset + r * row_stride;
          for (int64_t c = 0; c < kChannelBlock; ++c, weights += kChannelBlock) {
            sum += in[c] * *weights;
          }
        }
        out[k] = sum;
      }
    }
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

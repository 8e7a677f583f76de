// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_product_vnni.h"

#include <algorithm>

#include "engine/kernels/convolution/block_product.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#define NBITS_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

namespace nbits {
namespace {

constexpr int kGroups = kChannelBlock / 4;  // Input channels are multiplied by four.

NBITS_VNNI inline __m512i FourChannels(const uint8_t* in) {
  int32_t channels;
  std::memcpy(&channels, in, sizeof(channels));
  return _mm512_set1_epi32(channels);
}

// Sums of 12 rows and 2 blocks fill 24 of 32 registers.
template <int kRows, int kBlocks>
NBITS_VNNI void MultiplyRows(const Int8Product& p, const uint8_t* in, const int8_t* weights,
                             int32_t* out) {
  __m512i sums[kRows][kBlocks];
  for (auto& row : sums) {
    for (__m512i& sum : row) sum = _mm512_setzero_si512();
  }
  for (const int64_t offset : p.offsets) {
    for (int group = 0; group < kGroups; ++group) {
      __m512i w[kBlocks];
      for (int b = 0; b < kBlocks; ++b) {
        w[b] = _mm512_loadu_si512(weights + b * p.weight_stride + group * 64);
      }
#pragma GCC unroll 12
      for (int r = 0; r < kRows; ++r) {
        const __m512i values = FourChannels(in + offset + r * kChannelBlock + group * 4);
#pragma GCC unroll 2
        for (int b = 0; b < kBlocks; ++b) {
          sums[r][b] = _mm512_dpbusd_epi32(sums[r][b], values, w[b]);
        }
      }
    }
    weights += kInt8StepBytes;
  }
  for (int r = 0; r < kRows; ++r) {
    for (int b = 0; b < kBlocks; ++b) {
      _mm512_storeu_si512(out + b * p.out_stride + r * kChannelBlock, sums[r][b]);
    }
  }
}

// Groups of four rows: three at a time, but four as two and two.
template <int kBlocks>
NBITS_VNNI void MultiplyBlocks(const Int8Product& p, const int8_t* weights, int32_t* out) {
  const uint8_t* in = p.in;
  for (int64_t rows = PaddedRows(p.rows); rows > 0;) {
    const int64_t next = rows == 16 ? 8 : std::min<int64_t>(rows, 12);
    if (next == 12) {
      MultiplyRows<12, kBlocks>(p, in, weights, out);
    } else if (next == 8) {
      MultiplyRows<8, kBlocks>(p, in, weights, out);
    } else {
      MultiplyRows<4, kBlocks>(p, in, weights, out);
    }
    rows -= next;
    in += next * kChannelBlock;
    out += next * kChannelBlock;
  }
}

}  // namespace

bool HasVnni() {
  static const bool has_vnni = __builtin_cpu_supports("avx512f") != 0 &&
                               __builtin_cpu_supports("avx512bw") != 0 &&
                               __builtin_cpu_supports("avx512vnni") != 0;
  return has_vnni;
}

void RunVnniProduct(const Int8Product& p) {
  int64_t b = 0;
  for (; b + 2 <= p.output_blocks; b += 2) {
    MultiplyBlocks<2>(p, p.weights + b * p.weight_stride, p.out + b * p.out_stride);
  }
  if (b < p.output_blocks) {
    MultiplyBlocks<1>(p, p.weights + b * p.weight_stride, p.out + b * p.out_stride);
  }
}

}  // namespace nbits

#else

namespace nbits {

bool HasVnni() { return false; }
void RunVnniProduct(const Int8Product& product) { RunInt8ProductWithoutVnni(product); }

}  // namespace nbits

#endif

// SPDX-License-Identifier: Apache-2.0
// The product at the heart of every convolution on blocked tensors:
//
//   out[b][r][k] = start[b][r][k] + sum over i, c of  in[offsets[i] + r * row_stride + c] *
//   weights[b][i][c][k]
//
// for rows r, blocks of 16 input channels i (lanes c) and blocks of 16 output channels b (lanes k).
// The rows are pixels of a direct convolution (then i counts kernel taps as well) or tiles of one
// point of Winograd's transform.
#ifndef NBITS_ENGINE_KERNELS_CONVOLUTION_BLOCK_PRODUCT_H_
#define NBITS_ENGINE_KERNELS_CONVOLUTION_BLOCK_PRODUCT_H_

#include <cstdint>
#include <span>

namespace nbits {

// Rows are computed in groups; `in` and `out` must have room for this multiple of rows.
inline constexpr int64_t kProductRowMultiple = 4;
constexpr int64_t PaddedRows(int64_t rows) {
  return (rows + kProductRowMultiple - 1) / kProductRowMultiple * kProductRowMultiple;
}

// Strides and offsets count floats. `weights` and `out` are aligned for vectors of 16.
struct BlockProduct {
  const float* in = nullptr;
  std::span<const int64_t> offsets;
  int64_t rows = 0;
  bool double_rows = false;  // Rows stand 32 floats apart (stride 2) instead of 16.
  const float* weights = nullptr;
  int64_t weight_stride = 0;  // From one output block to the next.
  int64_t output_blocks = 1;
  float* out = nullptr;    // [output_blocks][rows][16]
  int64_t out_stride = 0;  // From one output block to the next.
  const float* start =
      nullptr;  // What is added to, laid out as `out`, which it may be; null for 0.
};

// Any number of rows and output blocks. Float32 fused multiply-adds in the order of i and c: the
// error is that of a running sum.
void RunBlockProduct(const BlockProduct& product);

// Output blocks that RunBlockProduct computes together on this machine (1 or 2).
int64_t OutputBlocksTogether();

namespace reference {
void RunBlockProduct(const BlockProduct& product);
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_BLOCK_PRODUCT_H_

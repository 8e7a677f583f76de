// SPDX-License-Identifier: Apache-2.0
// The product at the heart of a convolution in integer arithmetic: block_product.h on bytes.
//
//   out[b][r][k] = sum over i, c of  in[offsets[i] + 16 r + c] * weights[b][i][c / 4][k][c % 4]
//
// for rows r, blocks of 16 input channels i (lanes c) and blocks of 16 output channels b (lanes k).
// Inputs are unsigned and weights signed; sums are exact on every instruction set.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_PRODUCT_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_PRODUCT_H_

#include <cstdint>
#include <span>

#include "engine/format.h"

namespace nbits {

// Products of a sum that fit 32 bits whatever the values are: 255 * 128 * 2^16 < 2^31.
inline constexpr int64_t kMostInt8Products = int64_t{1} << 16;

// Bytes of the weights of one block of input channels and one of output channels (a "step").
inline constexpr int64_t kInt8StepBytes = kChannelBlock * kChannelBlock;

// Rows are computed in groups; `in` and `out` must have room for a multiple of
// kProductRowMultiple (block_product.h). Offsets count bytes, `weights` is aligned for vectors.
struct Int8Product {
  const uint8_t* in = nullptr;
  std::span<const int64_t> offsets;
  int64_t rows = 0;
  const int8_t* weights = nullptr;
  int64_t weight_stride = 0;  // Bytes from one output block to the next.
  // Non-zero for the steps [output block][i] that HasSaturatingPair tells of. Null: not known, all
  // are taken to be. Looked at only where SaturatesPairs().
  const uint8_t* wide = nullptr;
  int64_t output_blocks = 1;
  int32_t* out = nullptr;  // [output_blocks][rows][16]
  int64_t out_stride = 0;  // Elements from one output block to the next.
};

void RunInt8Product(const Int8Product& product);

// The same without the instructions for sums of four products (VNNI).
void RunInt8ProductWithoutVnni(const Int8Product& product);

// Whether this machine's instruction for products of bytes saturates sums of two in 16 bits, so
// that some weights need wider arithmetic.
bool SaturatesPairs();

// Whether 255 times two weights of a step that are added first, those of input channels 2n and
// 2n + 1, can leave 16 bits. Weights of 7 bits or fewer cannot: 2 * 255 * 64 < 2^15.
bool HasSaturatingPair(const int8_t* step);

// sums[r] = sum over i, c of in[offsets[i] + 16 r + c], for r < rows.
void SumInt8Rows(const uint8_t* in, std::span<const int64_t> offsets, int64_t rows, int32_t* sums);

namespace reference {
void RunInt8Product(const Int8Product& product);
void SumInt8Rows(const uint8_t* in, std::span<const int64_t> offsets, int64_t rows, int32_t* sums);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_PRODUCT_H_

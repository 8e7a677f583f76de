// SPDX-License-Identifier: Apache-2.0
// Dot products along the channels of blocked pixels.
#ifndef NBITS_ENGINE_KERNELS_DIRECT_DOT_ROWS_H_
#define NBITS_ENGINE_KERNELS_DIRECT_DOT_ROWS_H_

#include <cstdint>
#include <span>

namespace nbits {

// out[r] = sum over i, c of  in[offsets[i] + r * row_stride + c] * weights[i * 16 + c]
// for r < rows. `in` must have room for 7 rows more.
void DotRows(const float* in, std::span<const int64_t> offsets, int64_t row_stride, int64_t rows,
             const float* weights, float* out);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DIRECT_DOT_ROWS_H_

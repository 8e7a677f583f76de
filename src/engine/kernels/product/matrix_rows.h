// SPDX-License-Identifier: Apache-2.0
// A matrix times vectors.
#ifndef NBITS_ENGINE_KERNELS_PRODUCT_MATRIX_ROWS_H_
#define NBITS_ENGINE_KERNELS_PRODUCT_MATRIX_ROWS_H_

#include <cstdint>

namespace nbits {

// out[n * rows + r] = sum over k of  matrix[r * columns + k] * vectors[n * columns + k]  for n <
// count. Within the rounding of Float32 of reference::MatrixRows; the sum for one n and r does not
// depend on the others.
void MatrixRows(const float* matrix, int64_t rows, int64_t columns, const float* vectors,
                int64_t count, float* out);

namespace reference {
void MatrixRows(const float* matrix, int64_t rows, int64_t columns, const float* vectors,
                int64_t count, float* out);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PRODUCT_MATRIX_ROWS_H_

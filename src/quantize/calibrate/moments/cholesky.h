// SPDX-License-Identifier: Apache-2.0
// Cholesky factors of covariances, and equations solved with them.
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_CHOLESKY_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_CHOLESKY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "quantize/calibrate/moments/lower_triangle.h"

namespace nbits {

// L with L L^T = P (matrix + damping * I) P^T: row i of the product stands for row order[i] of the
// matrix, which is positive semidefinite with a mean diagonal of 1; `order` is a permutation.
// Computed in Float64, each element rounded to Float32 once. The same bits on any number of threads
// and every instruction set. What rounding leaves of pivots below damping / 2 is made that.
LowerTriangle<float> Cholesky(const LowerTriangle<float>& matrix, double damping,
                              std::span<const int32_t> order);

// The order in which nothing is moved.
std::vector<int32_t> PlainOrder(int64_t size);
// By ascending diagonal; of equal ones the first comes first.
std::vector<int32_t> AscendingDiagonal(const LowerTriangle<float>& matrix);

// Overwrites a stripe of right sides [size, kStripe] with the solution of L L^T x = b, for
// `stripes` of them that follow each other. Float32 with sums in Float64; on the calling thread.
void SolveStripes(const LowerTriangle<float>& lower, float* stripes, int64_t count);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_CHOLESKY_H_

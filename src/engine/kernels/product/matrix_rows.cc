// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/product/matrix_rows.h"

#include <algorithm>

#include "engine/kernels/common/dot.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/product/matrix_rows.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Sums that hide the latency of a fused multiply-add; a vector's values are read once for all.
inline constexpr int kMatrixRows = 8;

// kMatrixRows rows times one vector.
void RowsTimesVector(const float* matrix, int64_t columns, const float* vector, float* out) {
  const LaneTag d;
  LaneVector sums[kMatrixRows];
  HWY_UNROLL(8)
  for (int r = 0; r < kMatrixRows; ++r) sums[r] = hn::Zero(d);
  int64_t k = 0;
  for (; k + kLanes <= columns; k += kLanes) {
    const LaneVector x = hn::LoadU(d, vector + k);
    HWY_UNROLL(8)
    for (int r = 0; r < kMatrixRows; ++r) {
      sums[r] = hn::MulAdd(hn::LoadU(d, matrix + r * columns + k), x, sums[r]);
    }
  }
  HWY_UNROLL(8)
  for (int r = 0; r < kMatrixRows; ++r) out[r] = hn::GetLane(hn::SumOfLanes(d, sums[r]));
  for (; k < columns; ++k) {
    for (int r = 0; r < kMatrixRows; ++r) out[r] += matrix[r * columns + k] * vector[k];
  }
}

// Rows that stay in the first-level cache for all vectors come first.
void MatrixRowsOf(const float* matrix, int64_t rows, int64_t columns, const float* vectors,
                  int64_t count, float* out) {
  int64_t row = 0;
  for (; row + kMatrixRows <= rows; row += kMatrixRows) {
    for (int64_t n = 0; n < count; ++n) {
      RowsTimesVector(matrix + row * columns, columns, vectors + n * columns, out + n * rows + row);
    }
  }
  for (; row < rows; ++row) {
    for (int64_t n = 0; n < count; ++n) {
      out[n * rows + row] = Dot(matrix + row * columns, vectors + n * columns, columns);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(MatrixRowsOf);

void MatrixRows(const float* matrix, int64_t rows, int64_t columns, const float* vectors,
                int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(MatrixRowsOf)(matrix, rows, columns, vectors, count, out);
}

void reference::MatrixRows(const float* matrix, int64_t rows, int64_t columns, const float* vectors,
                           int64_t count, float* out) {
  for (int64_t n = 0; n < count; ++n) {
    for (int64_t r = 0; r < rows; ++r) {
      out[n * rows + r] = Dot(matrix + r * columns, vectors + n * columns, columns);
    }
  }
}

}  // namespace nbits
#endif  // HWY_ONCE

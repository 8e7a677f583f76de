// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/multiply.h"

#include <algorithm>
#include <atomic>

#include "engine/kernels/common/workers.h"
#include "engine/onednn/one_thread.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace nbits::onednn {
namespace {

// A part has this many multiplications at least: some microseconds, 10 where a matrix is narrow.
constexpr double kPartMultiplications = 1 << 17;
// Parts begin at multiples of this many rows or columns: oneDNN computes so many at once.
constexpr int64_t kPartStep = 48;

// Rows [row, row + rows) of c in its columns [column, column + columns).
struct Part {
  int64_t row, rows, column, columns;
};

bool MultiplyPart(const MatrixTimesMatrix& p, const Part& part) {
  const int64_t row_stride_a = p.transpose_a ? p.m : p.k;
  const int64_t row_stride_b = p.transpose_b ? p.k : p.n;
  const float* a = p.a + part.row * (p.transpose_a ? 1 : row_stride_a);
  const float* b = p.b + part.column * (p.transpose_b ? row_stride_b : 1);
  const OneThread scope;
  return dnnl::sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', part.rows, part.columns,
                     p.k, 1.0f, a, row_stride_a, b, row_stride_b, 0.0f,
                     p.c + part.row * p.n + part.column, p.n) == dnnl::status::success;
}

// Of `extent` rows or columns, each part's: for `parts` parts of about the same size.
int64_t PartExtent(int64_t extent, int64_t parts) {
  const int64_t even = (extent + parts - 1) / parts;
  return (even + kPartStep - 1) / kPartStep * kPartStep;
}

}  // namespace

absl::Status Multiply(const MatrixTimesMatrix& p, int threads) {
  const double multiplications =
      static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k);
  const int64_t parts =
      std::clamp<int64_t>(static_cast<int64_t>(multiplications / kPartMultiplications), 1, threads);
  // The longer side is cut; each part reads all of the other matrix.
  const bool by_rows = p.m >= p.n;
  const int64_t extent = by_rows ? p.m : p.n, step = PartExtent(extent, parts);
  std::atomic<bool> done = true;
  ForWorkers((extent + step - 1) / step, threads, [&](int64_t item, int64_t) {
    const int64_t begin = item * step, count = std::min(step, extent - begin);
    const Part part = by_rows ? Part{begin, count, 0, p.n} : Part{0, p.m, begin, count};
    if (!MultiplyPart(p, part)) done = false;
  });
  return done ? absl::OkStatus() : absl::InternalError("oneDNN: matrix product failed");
}

}  // namespace nbits::onednn

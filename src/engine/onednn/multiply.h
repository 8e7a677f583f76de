// SPDX-License-Identifier: Apache-2.0
// Products of matrices.
#ifndef NBITS_ENGINE_ONEDNN_MULTIPLY_H_
#define NBITS_ENGINE_ONEDNN_MULTIPLY_H_

#include <cstdint>

#include "absl/status/status.h"

namespace nbits::onednn {

// c [m, n] = a [m, k] * b [k, n], row-major; a and b may be given transposed: their rows are then
// columns.
struct MatrixTimesMatrix {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  const float *a, *b;
  float* c;
};

// On up to `threads` threads. Which of them computes what makes no difference to the bits. Internal
// when oneDNN fails.
absl::Status Multiply(const MatrixTimesMatrix& product, int threads);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_MULTIPLY_H_

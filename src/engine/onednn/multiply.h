// SPDX-License-Identifier: Apache-2.0
// Products of matrices.
#ifndef NBITS_ENGINE_ONEDNN_MULTIPLY_H_
#define NBITS_ENGINE_ONEDNN_MULTIPLY_H_

#include <cstdint>

#include "absl/status/status.h"

namespace nbits::onednn {

// c [m, n] = a [m, k] * b [k, n], row-major; a and b may be given transposed. Internal when oneDNN
// fails.
absl::Status Multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                      const float* a, const float* b, float* c);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_MULTIPLY_H_

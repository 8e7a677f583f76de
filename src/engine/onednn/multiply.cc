// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/multiply.h"

#include "oneapi/dnnl/dnnl.hpp"

namespace nbits::onednn {

absl::Status Multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                      const float* a, const float* b, float* c) {
  const auto status = dnnl::sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f,
                                  a, transpose_a ? m : k, b, transpose_b ? k : n, 0.0f, c, n);
  return status == dnnl::status::success ? absl::OkStatus()
                                         : absl::InternalError("oneDNN: matrix product failed");
}

}  // namespace nbits::onednn

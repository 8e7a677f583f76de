// SPDX-License-Identifier: Apache-2.0
// Sum of products of two vectors.
#ifndef NBITS_ENGINE_KERNELS_COMMON_DOT_H_
#define NBITS_ENGINE_KERNELS_COMMON_DOT_H_

#include <cstdint>

namespace nbits {

// Eight partial sums: faster, and closer to the exact value than one running sum.
inline float Dot(const float* a, const float* b, int64_t count) {
  float sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < count; ++i) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_DOT_H_

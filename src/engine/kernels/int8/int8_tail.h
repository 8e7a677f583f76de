// SPDX-License-Identifier: Apache-2.0
// Sums of integer products on their way out.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_TAIL_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_TAIL_H_

#include <cstdint>

#include "engine/kernels/convolution/convolution_tail.h"

namespace nbits {

// Sums of one block of 16 output channels k and what they mean, over one or two terms t:
//   value[r][k] = sum of factor[t][k] * (sums[t][r][k] - zero_sums[t][k]) + offset[k] * row_sums[r]
struct Int8Sums {
  struct Term {
    const int32_t* sums;
    float factor[kChannelBlock];       // Scale of the inputs times that of the weights.
    int32_t zero_sums[kChannelBlock];  // Sums that inputs of value 0 have. Wraps around.
  };
  Term terms[2];
  int count = 1;                // Of terms.
  float offset[kChannelBlock];  // Of the weights, times the inputs' scale.
  const int32_t* row_sums;      // Sums of the inputs.
};

// Finishes and stores one block of channels, like StoreTailRow (tail_row.h): pixels (y, x) to (y, x
// + count - 1) of the output.
void StoreInt8TailRow(const Int8Sums& sums, int64_t count, const BlockedOutput& output,
                      int64_t block, int64_t y, int64_t x);

namespace reference {
// The values alone, to[pixel][16 channels]. The same bits.
void Int8Values(const Int8Sums& sums, int64_t count, float* to);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_TAIL_H_

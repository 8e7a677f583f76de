// Sums of integer products on their way out.
#ifndef NBITS_ENGINE_KERNELS_INT8_TAIL_H_
#define NBITS_ENGINE_KERNELS_INT8_TAIL_H_

#include <cstdint>

#include "engine/kernels/convolution_tail.h"

namespace nbits {

// What sums of one block of 16 output channels k mean:
//   value[r][k] = factor[k] * (sums[r][k] - zero_sums[k]) + offset[k] * row_sums[r]
struct Int8Meaning {
  float factor[kChannelBlock];       // Scale of the inputs times that of the weights.
  float offset[kChannelBlock];       // Of the weights, times the inputs' scale.
  int32_t zero_sums[kChannelBlock];  // Sums that inputs of value 0 have. Wraps around.
  const int32_t* row_sums;           // Sums of the inputs.
};

// Finishes and stores sums[pixel][16 channels] of one block of channels, like StoreTailRow
// (tail_row.h): pixels (y, x) to (y, x + count - 1) of the output.
void StoreInt8TailRow(const int32_t* sums, int64_t count, const Int8Meaning& meaning,
                      const BlockedOutput& output, int64_t block, int64_t y, int64_t x);

namespace reference {
// The values alone, to[pixel][16 channels]. The same bits.
void Int8Values(const int32_t* sums, int64_t count, const Int8Meaning& meaning, float* to);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_TAIL_H_

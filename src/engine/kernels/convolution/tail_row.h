// SPDX-License-Identifier: Apache-2.0
// ConvolutionTail on a row of pixels.
#ifndef NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_ROW_H_
#define NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_ROW_H_

#include <cstdint>

#include "engine/kernels/convolution/convolution_tail.h"

namespace nbits {

// Finishes and stores sums[pixel][16 channels] of one block of channels: pixels (y, x) to
// (y, x + count - 1) of the output.
void StoreTailRow(const float* sums, int64_t count, const BlockedOutput& output, int64_t block,
                  int64_t y, int64_t x);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_TAIL_ROW_H_

// SPDX-License-Identifier: Apache-2.0
// Codes of 16 output channels, decoded side by side.
#ifndef NBITS_ENGINE_KERNELS_COMMON_CODE_LANES_H_
#define NBITS_ENGINE_KERNELS_COMMON_CODE_LANES_H_

#include <cstdint>

#include "engine/format.h"

namespace nbits {

// What codes stand for: (scale * code + offset) * factor, of each of 16 channels.
struct LaneGrid {
  float scale[kChannelBlock], offset[kChannelBlock], factor[kChannelBlock];
};

// to[i * 16 + k] = value of codes[k * stride + i] in channel k, for i < count, k < 16. In Float32,
// the first product and sum rounded once where the machine can: within a unit in the last place of
// the larger part and of the result from Dequantize, which rounds a sum in double precision.
void DecodeToLanes(const uint8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to);
void DecodeToLanes(const int8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to);

namespace reference {
void DecodeToLanes(const uint8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to);
void DecodeToLanes(const int8_t* codes, int64_t stride, int64_t count, const LaneGrid& grid,
                   float* to);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_CODE_LANES_H_

// SPDX-License-Identifier: Apache-2.0
// Between Float32 and 8-bit values, on rows of pixels of 16 channels.
//
// An unsigned 8-bit value q stands for scale * (q - zero). 0 is one of the values exactly, so that
// padding costs nothing.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_QUANTIZE_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_QUANTIZE_H_

#include <cstdint>

#include "engine/format.h"

namespace nbits {

struct Int8Range {
  float low = 0, high = 0;  // low <= 0 <= high.
};
struct Int8Grid {
  float scale = 1;
  int32_t zero = 0;  // 0..255
};
// The grid of 256 values over a range. Ranges that are not finite get a scale that is not either.
Int8Grid GridOf(const Int8Range& range);

// Pixels of 16 channels `stride` floats apart.
struct PixelSpan {
  const float* data = nullptr;
  int64_t stride = kChannelBlock;
  int64_t count = 0;
};

// Extends the range by the pixels' values. Values that are not numbers may or may not show.
void ExtendRange(const PixelSpan& pixels, Int8Range& range);

// to[pixel][16]: the nearest value of the grid, ties to even; saturating.
void QuantizePixels(const PixelSpan& pixels, const Int8Grid& grid, uint8_t* to);

namespace reference {
void ExtendRange(const PixelSpan& pixels, Int8Range& range);
void QuantizePixels(const PixelSpan& pixels, const Int8Grid& grid, uint8_t* to);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_QUANTIZE_H_

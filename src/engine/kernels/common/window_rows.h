// SPDX-License-Identifier: Apache-2.0
// Pooling and resampling on rows of Float32 (Highway). A row of a blocked tensor holds 16 values a
// pixel, one of a planar tensor one.
#ifndef NBITS_ENGINE_KERNELS_COMMON_WINDOW_ROWS_H_
#define NBITS_ENGINE_KERNELS_COMMON_WINDOW_ROWS_H_

#include <cstdint>
#include <span>

#include "graph/ops.h"

namespace nbits {

// Pixels [begin, end) of a row, which may be none, and what their sum is multiplied by.
struct PoolSpan {
  int64_t begin = 0, end = 0;
  float factor = 1;
};

// total = the larger of both, their sum, or total + row^2; `first` takes total for -infinity or 0.
void PoolAccumulate(graph::PoolFunction function, const float* row, bool first, float* total,
                    int64_t count);
// Output pixel x is the largest, or the sum times the span's factor (kL2: the root of the sum), of
// the pixels of `total` in spans[x]. 16 values a pixel.
void PoolSpans(graph::PoolFunction function, const float* total, std::span<const PoolSpan> spans,
               float* out);

// out = low + fraction * (high - low)
void BlendRows(const float* low, const float* high, float fraction, float* out, int64_t count);

// A row's samples as arrays: out[i] = row[low[i]] + fraction[i] * (row[high[i]] - row[low[i]]).
struct SampledColumns {
  std::span<const int32_t> low, high;
  std::span<const float> fraction;
};
// 16 values a pixel.
void SampleBlockedRow(const float* row, const SampledColumns& columns, float* out);
// One value a pixel.
void SamplePlanarRow(const float* row, const SampledColumns& columns, float* out);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_WINDOW_ROWS_H_

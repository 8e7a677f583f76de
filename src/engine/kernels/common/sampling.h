// SPDX-License-Identifier: Apache-2.0
// Reading between pixels.
#ifndef NBITS_ENGINE_KERNELS_COMMON_SAMPLING_H_
#define NBITS_ENGINE_KERNELS_COMMON_SAMPLING_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "graph/ops.h"

namespace nbits {

// value[low] + fraction * (value[high] - value[low])
struct Sample {
  int64_t low = 0, high = 0;
  float fraction = 0;
};

// `position` is clamped to [0, extent - 1]; one that is not a number reads the first value. Where
// the next value has no weight it is not read: it may be no number.
inline Sample SampleAt(double position, int64_t extent) {
  const double last = static_cast<double>(extent - 1);
  const double inside = position > 0 ? std::min(position, last) : 0.0;
  const int64_t low = static_cast<int64_t>(inside);
  const auto fraction = static_cast<float>(inside - std::floor(inside));
  return {low, fraction == 0 ? low : std::min(low + 1, extent - 1), fraction};
}

// Where the rows (axis 0) or columns (axis 1) of a resized plane read an input of `extent` of them.
inline std::vector<Sample> SamplesOf(const graph::Resize& op, int axis, int64_t extent) {
  // A grid of exact fractions must not fall below a whole number by rounding.
  constexpr double kRounding = 1e-6;
  std::vector<Sample> samples;
  samples.reserve(static_cast<size_t>(op.output[axis]));
  for (int64_t i = 0; i < op.output[axis]; ++i) {
    const double position = op.start[axis] + op.step[axis] * static_cast<double>(i);
    samples.push_back(op.bilinear ? SampleAt(position, extent)
                                  : SampleAt(std::floor(position + kRounding), extent));
  }
  return samples;
}

// One output row from two rows of a plane.
inline void SampleRow(const float* plane, int64_t width, const Sample& row,
                      const std::vector<Sample>& columns, float* out) {
  const float* low = plane + row.low * width;
  const float* high = plane + row.high * width;
  for (size_t i = 0; i < columns.size(); ++i) {
    const Sample& column = columns[i];
    const float top = low[column.low] + column.fraction * (low[column.high] - low[column.low]);
    const float bottom =
        high[column.low] + column.fraction * (high[column.high] - high[column.low]);
    out[i] = top + row.fraction * (bottom - top);
  }
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_SAMPLING_H_

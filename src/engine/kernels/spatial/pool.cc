// SPDX-License-Identifier: Apache-2.0
// Maximum, average and L2 pooling.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/extremes.h"
#include "engine/kernels/common/pool_reach.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::Pool;
using graph::PoolFunction;

template <typename Step>
float Accumulate(const float* plane, int64_t width, const Reach& rows, const Reach& columns,
                 float start, const Step& step) {
  float total = start;
  for (int64_t y = rows.begin; y < rows.end; ++y) {
    for (int64_t x = columns.begin; x < columns.end; ++x) total = step(total, plane[y * width + x]);
  }
  return total;
}

float PoolOne(const Pool& op, const float* plane, int64_t width, const Reach& rows,
              const Reach& columns) {
  switch (op.function) {
    case PoolFunction::kMaximum:
      return Accumulate(plane, width, rows, columns, -INFINITY,
                        [](float t, float x) { return LargerOf(t, x); });
    case PoolFunction::kL2:
      return std::sqrt(Accumulate(plane, width, rows, columns, 0.0f,
                                  [](float t, float x) { return t + x * x; }));
    case PoolFunction::kAverage:
      break;
  }
  const int64_t seen = std::max<int64_t>(0, rows.end - rows.begin) *
                       std::max<int64_t>(0, columns.end - columns.begin);
  const int64_t count = op.exclude_padding ? seen : rows.padded * columns.padded;
  const float sum =
      Accumulate(plane, width, rows, columns, 0.0f, [](float t, float x) { return t + x; });
  return count > 0 ? sum / static_cast<float>(count) : 0.0f;
}

}  // namespace

void RunPlain(const Pool& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const int64_t height = shape[shape.size() - 2], width = shape[shape.size() - 1];
  const int64_t planes = graph::Product(shape, 0, shape.size() - 2);
  const int64_t area = std::min(height, op.window.kernel[0]) * std::min(width, op.window.kernel[1]);
  ForChunks(planes * op.output[0], op.output[1] * area, call.threads,
            [&](int64_t begin, int64_t end) {
              for (int64_t index = begin; index < end; ++index) {
                const float* plane = call.inputs[0].data + index / op.output[0] * height * width;
                const Reach rows = ReachOf(op.window, 0, index % op.output[0], height);
                float* out = call.outputs[0].data + index * op.output[1];
                for (int64_t x = 0; x < op.output[1]; ++x) {
                  out[x] = PoolOne(op, plane, width, rows, ReachOf(op.window, 1, x, width));
                }
              }
            });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Maximum and average pooling over depth, height and width.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/extremes.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::AxisWindow;
using graph::Pool3d;

// The part of a window that lies on the input, and how far it reaches with the padding.
struct AxisReach {
  int64_t begin, end;
  int64_t padded;
  int64_t seen() const { return std::max<int64_t>(0, end - begin); }
};

AxisReach ReachOf(const AxisWindow& window, int64_t output, int64_t extent) {
  const int64_t start = output * window.stride - window.pad_begin;
  const int64_t end = std::min(start + window.kernel, extent + window.pad_end);
  return {std::max<int64_t>(0, start), std::min(end, extent), end - start};
}

float PoolOne(const Pool3d& op, const float* in, const Shape& shape, const AxisReach (&reach)[3]) {
  float total = op.maximum ? -INFINITY : 0.0f;
  for (int64_t z = reach[0].begin; z < reach[0].end; ++z) {
    for (int64_t y = reach[1].begin; y < reach[1].end; ++y) {
      const float* row = in + (z * shape[3] + y) * shape[4];
      for (int64_t x = reach[2].begin; x < reach[2].end; ++x) {
        total = op.maximum ? LargerOf(total, row[x]) : total + row[x];
      }
    }
  }
  if (op.maximum) return total;
  const int64_t seen = reach[0].seen() * reach[1].seen() * reach[2].seen();
  const int64_t count =
      op.exclude_padding ? seen : reach[0].padded * reach[1].padded * reach[2].padded;
  return count > 0 ? total / static_cast<float>(count) : 0.0f;
}

}  // namespace

void RunPlain(const Pool3d& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;  // [B, C, D, H, W]
  const int64_t volume = shape[2] * shape[3] * shape[4];
  const graph::Volume& out = op.output;
  const int64_t outputs = out[0] * out[1] * out[2];
  ForChunks(shape[0] * shape[1] * outputs, 1, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t place = index % outputs;
      const AxisReach reach[3] = {ReachOf(op.window[0], place / (out[1] * out[2]), shape[2]),
                                  ReachOf(op.window[1], place / out[2] % out[1], shape[3]),
                                  ReachOf(op.window[2], place % out[2], shape[4])};
      call.outputs[0].data[index] =
          PoolOne(op, call.inputs[0].data + index / outputs * volume, shape, reach);
    }
  });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Local response normalisation across channels.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

float SumOfSquares(const float* values, int64_t count, int64_t stride) {
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += values[i * stride] * values[i * stride];
  return sum;
}

}  // namespace

void RunPlain(const graph::LocalResponse& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const AxisView view = ViewAxis(shape, static_cast<int>(shape.size()) - 3);
  // Of an even number one more before than behind, as PyTorch has it.
  const int64_t before = op.size / 2;
  const float factor = op.alpha / static_cast<float>(op.size);
  ForChunks(view.outer * view.extent, view.inner, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t channel = plane % view.extent;
      const int64_t first = std::max<int64_t>(0, channel - before);
      const int64_t last = std::min(view.extent, channel - before + op.size);
      const int64_t start = plane * view.inner;
      const float* window = call.inputs[0].data + start + (first - channel) * view.inner;
      for (int64_t i = 0; i < view.inner; ++i) {
        const float sum = SumOfSquares(window + i, last - first, view.inner);
        call.outputs[0].data[start + i] =
            call.inputs[0].data[start + i] / std::pow(op.k + factor * sum, op.beta);
      }
    }
  });
}

}  // namespace nbits

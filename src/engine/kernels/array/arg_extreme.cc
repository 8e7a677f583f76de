// SPDX-License-Identifier: Apache-2.0
// Index of the largest or smallest value along an axis.
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::ArgExtreme& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  const auto better = [&](float a, float b) { return op.largest ? a > b : a < b; };
  ForChunks(view.outer * view.inner, view.extent, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t outer = index / view.inner, inner = index % view.inner;
      const float* values = call.inputs[0].data + outer * view.extent * view.inner + inner;
      int64_t best = 0;
      for (int64_t i = 1; i < view.extent; ++i) {
        if (better(values[i * view.inner], values[best * view.inner])) best = i;
      }
      call.outputs[0].data[index] = static_cast<float>(best);
    }
  });
}

}  // namespace nbits

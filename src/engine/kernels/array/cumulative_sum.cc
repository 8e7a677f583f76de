// SPDX-License-Identifier: Apache-2.0
// Running sums along an axis.
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::CumulativeSum& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  ForChunks(view.outer * view.inner, view.extent, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t first = index / view.inner * view.extent * view.inner + index % view.inner;
      double sum = 0;
      for (int64_t i = 0; i < view.extent; ++i) {
        const int64_t position = op.reverse ? view.extent - 1 - i : i;
        const int64_t offset = first + position * view.inner;
        const double value = call.inputs[0].data[offset];
        call.outputs[0].data[offset] = static_cast<float>(op.exclusive ? sum : sum + value);
        sum += value;
      }
    }
  });
}

}  // namespace nbits

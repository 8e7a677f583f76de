// SPDX-License-Identifier: Apache-2.0
// exp(x - max) / sum of the same, along an axis.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// `count` neighbouring lanes of `extent` values that are `stride` apart, row by row, so that memory
// is read in order.
void SoftmaxLanes(const float* in, float* out, int64_t extent, int64_t stride, int64_t count) {
  constexpr int64_t kBlock = 256;
  float largest[kBlock], sum[kBlock];
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t lanes = std::min(kBlock, count - begin);
    const float* from = in + begin;
    float* to = out + begin;
    std::copy_n(from, lanes, largest);
    for (int64_t row = 1; row < extent; ++row) {
      for (int64_t i = 0; i < lanes; ++i) largest[i] = std::max(largest[i], from[row * stride + i]);
    }
    std::fill_n(sum, lanes, 0.0f);
    for (int64_t row = 0; row < extent; ++row) {
      for (int64_t i = 0; i < lanes; ++i) {
        const float value = std::exp(from[row * stride + i] - largest[i]);
        to[row * stride + i] = value;
        sum[i] += value;
      }
    }
    for (int64_t row = 0; row < extent; ++row) {
      for (int64_t i = 0; i < lanes; ++i) to[row * stride + i] /= sum[i];
    }
  }
}

}  // namespace

void RunPlain(const graph::Softmax& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  for (int64_t outer = 0; outer < view.outer; ++outer) {
    const int64_t first = outer * view.extent * view.inner;
    ForChunks(view.inner, view.extent, call.threads, [&](int64_t begin, int64_t end) {
      SoftmaxLanes(call.inputs[0].data + first + begin, call.outputs[0].data + first + begin,
                   view.extent, view.inner, end - begin);
    });
  }
}

}  // namespace nbits

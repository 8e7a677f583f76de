// SPDX-License-Identifier: Apache-2.0
// Functions with parameters for every channel.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// Calls body(channel, input, output, values) for every plane.
template <typename Body>
void ForPlanes(const Call& call, int axis, const Body& body) {
  const Operand& input = call.inputs[0];
  const AxisView view = ViewAxis(input.shape, axis);
  ForChunks(view.outer * view.extent, view.inner, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      body(plane % view.extent, input.data + plane * view.inner,
           call.outputs[0].data + plane * view.inner, view.inner);
    }
  });
}

float At(const std::vector<float>& values, int64_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

}  // namespace

void RunPlain(const graph::ChannelActivation& op, const Call& call) {
  const bool relu = op.function == graph::ChannelActivation::Function::kParametricRelu;
  ForPlanes(call, op.axis, [&](int64_t channel, const float* in, float* out, int64_t count) {
    const float alpha = At(op.alpha, channel);
    if (relu) {
      for (int64_t i = 0; i < count; ++i) out[i] = in[i] < 0 ? alpha * in[i] : in[i];
      return;
    }
    const float beta = At(op.beta, channel);
    for (int64_t i = 0; i < count; ++i) {
      const float x = beta * in[i];
      out[i] = alpha * (std::max(x, 0.0f) + std::log1p(std::exp(-std::abs(x))));
    }
  });
}

void RunPlain(const graph::ChannelAffine& op, const Call& call) {
  const int axis = static_cast<int>(call.inputs[0].shape.size()) - 3;
  ForPlanes(call, axis, [&](int64_t channel, const float* in, float* out, int64_t count) {
    const float scale = op.scale[channel], offset = op.offset[channel];
    for (int64_t i = 0; i < count; ++i) out[i] = scale * in[i] + offset;
  });
}

}  // namespace nbits

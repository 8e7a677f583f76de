// SPDX-License-Identifier: Apache-2.0
// Rows times a weight matrix.
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/dot.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::InnerProduct& op, const Call& call) {
  const float* weights = call.workspace.Weight(op.weight);
  const int64_t outputs = graph::Product(op.output_shape);
  ForChunks(outputs, op.input_channels, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t row = index / op.output_channels, channel = index % op.output_channels;
      const float sum = Dot(call.inputs[0].data + row * op.input_channels,
                            weights + channel * op.input_channels, op.input_channels);
      call.outputs[0].data[index] = op.bias.empty() ? sum : sum + op.bias[channel];
    }
  });
  if (op.activation) {
    ApplyUnary(*op.activation, call.outputs[0].data, call.outputs[0].data, outputs, call.threads);
  }
}

}  // namespace nbits

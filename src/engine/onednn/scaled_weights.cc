// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/scaled_weights.h"

#include "engine/memory/workspace.h"

namespace nbits::onednn {

int64_t ScaledWeightsBytes(const graph::Convolution& op, int64_t count) {
  return op.scale.empty() ? 0 : AlignedSize(4 * count);
}

const float* ScaledWeights(const graph::Convolution& op, int64_t count, Workspace& workspace) {
  const float* weights = workspace.Weight(op.weight);
  if (op.scale.empty()) return weights;
  float* scaled = workspace.Floats(count);
  const int64_t outputs = op.output_channels;
  if (!op.transposed) {
    const int64_t each = count / outputs;
    for (int64_t i = 0; i < count; ++i) scaled[i] = weights[i] * op.scale[i / each];
    return scaled;
  }
  const int64_t area = op.window.kernel[0] * op.window.kernel[1];
  const int64_t per_group = outputs / op.groups, group = count / op.groups;
  for (int64_t i = 0; i < count; ++i) {
    scaled[i] = weights[i] * op.scale[i / group * per_group + i / area % per_group];
  }
  return scaled;
}

}  // namespace nbits::onednn

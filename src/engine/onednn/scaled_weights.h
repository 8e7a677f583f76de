// SPDX-License-Identifier: Apache-2.0
// Weights of a convolution with the scale of its output channels, which batch normalisation leaves.
#ifndef NBITS_ENGINE_ONEDNN_SCALED_WEIGHTS_H_
#define NBITS_ENGINE_ONEDNN_SCALED_WEIGHTS_H_

#include <cstdint>

#include "engine/memory/workspace.h"
#include "graph/graph.h"

namespace nbits::onednn {

// Bytes of workspace that ScaledWeights takes for `count` weights beside the decoded ones.
int64_t ScaledWeightsBytes(const graph::Convolution& op, int64_t count);

// All `count` weights in the file's order: [outputs, inputs per group, height, width], of a
// deconvolution [inputs, outputs per group, height, width].
const float* ScaledWeights(const graph::Convolution& op, int64_t count, Workspace& workspace);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_SCALED_WEIGHTS_H_

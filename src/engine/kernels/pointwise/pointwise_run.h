// SPDX-License-Identifier: Apache-2.0
// One run of a pointwise convolution, tile by tile.
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_RUN_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_RUN_H_

#include "engine/kernels/convolution/block_weights.h"
#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/pointwise/pointwise_plan.h"
#include "engine/kernels/pointwise/pointwise_rows.h"

namespace nbits {

// All batch entries of the call, by as many threads as there are workers.
void RunPointwise(const graph::Convolution& op, const PointwisePlan& plan,
                  const ConvolutionTail& tail, const BlockWeights& weights,
                  const PointwiseRows& rows, const Call& call, int workers);

// What RunPointwise takes of the call's workspace.
int64_t PointwiseWorkspaceBytes(const PointwisePlan& plan, const BlockWeights& weights,
                                int workers);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_RUN_H_

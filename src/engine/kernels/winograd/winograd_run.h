// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution at work, in either order of winograd_plan.h.
#ifndef NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_RUN_H_
#define NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_RUN_H_

#include "engine/kernel.h"
#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/winograd/winograd_plan.h"
#include "graph/ops.h"

namespace nbits {

// Weights of a pair of channels.
inline constexpr int64_t kWinogradTaps = 9;

// Bytes of workspace that RunWinograd takes with so many workers.
int64_t WinogradWorkspaceBytes(const WinogradPlan& plan, int workers);

// Computes the call's output, blocked like its inputs. `scale`: a factor for each output channel,
// padded to whole blocks.
void RunWinograd(const graph::Convolution& op, const WinogradPlan& plan,
                 const ConvolutionTail& tail, const float* scale, const PackedTensor& weights,
                 const Call& call, int workers);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_RUN_H_

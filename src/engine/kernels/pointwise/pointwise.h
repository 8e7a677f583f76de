// SPDX-License-Identifier: Apache-2.0
// Convolution with a 1 x 1 kernel on blocked tensors, any stride and padding, perhaps of the result
// of a depthwise convolution that it computes piece by piece. Sums in Float32.
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_H_

#include "engine/kernel.h"

namespace nbits {

// A row of the registry: one group, more than 8 input and output channels. Inputs and output are
// blocked, in either element; sources, residual and activation are fused.
std::optional<NodeFormats> ChoosePointwiseFormats(const graph::Graph& graph,
                                                  const graph::Node& node,
                                                  std::span<const Format> current,
                                                  const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakePointwiseKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_POINTWISE_H_

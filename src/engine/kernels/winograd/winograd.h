// SPDX-License-Identifier: Apache-2.0
// Dense 3x3 convolution of stride 1, any dilation and padding, on blocked tensors, by Winograd's
// minimal filtering (winograd_transform.h). Weights are decoded and transformed while it runs.
#ifndef NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_H_
#define NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_H_

#include "engine/kernel.h"

namespace nbits {

// A row of the registry: convolutions with more than 8 input and output channels. Inputs and output
// are blocked, in either element; sources, residual and activation are fused.
std::optional<NodeFormats> ChooseWinogradFormats(const graph::Graph& graph, const graph::Node& node,
                                                 std::span<const Format> current,
                                                 const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeWinogradKernel(const graph::Graph& graph,
                                                           const graph::Node& node,
                                                           const NodeFormats& formats,
                                                           const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_WINOGRAD_WINOGRAD_H_

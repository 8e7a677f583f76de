// SPDX-License-Identifier: Apache-2.0
// Dense convolution as sums over pixels, kernel taps and channels: what Winograd's form does not
// cover or does not speed up. Any kernel, stride, dilation and padding; sums in Float32.
#ifndef NBITS_ENGINE_KERNELS_DIRECT_DIRECT_H_
#define NBITS_ENGINE_KERNELS_DIRECT_DIRECT_H_

#include "engine/kernel.h"

namespace nbits {

// Rows of the registry, both for kernels larger than 1 x 1 and one group.

// The output is blocked; sources, residual and activation are fused. Inputs are blocked too, but
// one of at most 4 channels (a picture) that is planar stays planar.
std::optional<NodeFormats> ChooseDirectFormats(const graph::Graph& graph, const graph::Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeDirectKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

// At most 8 output channels, written planar (a blocked matte would waste 15 values of 16); inputs
// are blocked, a residual planar. Vectors run over the input channels.
std::optional<NodeFormats> ChooseFewOutputsFormats(const graph::Graph& graph,
                                                   const graph::Node& node,
                                                   std::span<const Format> current,
                                                   const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeFewOutputsKernel(const graph::Graph& graph,
                                                             const graph::Node& node,
                                                             const NodeFormats& formats,
                                                             const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DIRECT_DIRECT_H_

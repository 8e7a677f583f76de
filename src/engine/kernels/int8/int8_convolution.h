// SPDX-License-Identifier: Apache-2.0
// Dense convolution and inner product in integer arithmetic (Compute::kInt8): inputs are rounded to
// 8 bits, weights of 8 bits or fewer are used as they are stored, sums are exact.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_CONVOLUTION_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_CONVOLUTION_H_

#include "engine/kernel.h"

namespace nbits {

// A row of the registry: one group, any kernel, stride, dilation and padding, more than 8 input and
// output channels. Inputs and output are blocked, in either element; sources, residual and
// activation are fused. Each run of 48 neighbouring output pixels has a grid of 256 input values of
// its own, over the range of the values that it reads. Convolutions
// that have Winograd's form in Float32 are left to it: that is the faster.
std::optional<NodeFormats> ChooseInt8Formats(const graph::Graph& graph, const graph::Node& node,
                                             std::span<const Format> current,
                                             const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeInt8Kernel(const graph::Graph& graph,
                                                       const graph::Node& node,
                                                       const NodeFormats& formats,
                                                       const EngineOptions& options);

// A row of the registry: inner products, planar.
absl::StatusOr<std::unique_ptr<Kernel>> MakeInt8InnerProductKernel(const graph::Graph& graph,
                                                                   const graph::Node& node,
                                                                   const NodeFormats& formats,
                                                                   const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_CONVOLUTION_H_

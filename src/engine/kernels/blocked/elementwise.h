// SPDX-License-Identifier: Apache-2.0
// Element-wise operations on tensors in any format.
#ifndef NBITS_ENGINE_KERNELS_BLOCKED_ELEMENTWISE_H_
#define NBITS_ENGINE_KERNELS_BLOCKED_ELEMENTWISE_H_

#include "engine/kernel.h"

namespace nbits {

// Unary, ChannelAffine, parametric ReLU, and Binary (add, subtract, multiply, divide, minimum,
// maximum) of equal shapes or with an operand of one pixel or of one value. The output has the
// format of the larger input, and may be written over it.
std::optional<NodeFormats> ChooseElementwiseFormats(const graph::Graph& graph,
                                                    const graph::Node& node,
                                                    std::span<const Format> current,
                                                    const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeElementwiseKernel(const graph::Graph& graph,
                                                              const graph::Node& node,
                                                              const NodeFormats& formats,
                                                              const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_BLOCKED_ELEMENTWISE_H_

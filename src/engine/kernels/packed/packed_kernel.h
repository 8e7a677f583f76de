// SPDX-License-Identifier: Apache-2.0
// Layers that multiply their weights by few vectors: inner products of few rows, 1 x 1 convolutions
// of few pixels.
#ifndef NBITS_ENGINE_KERNELS_PACKED_PACKED_KERNEL_H_
#define NBITS_ENGINE_KERNELS_PACKED_PACKED_KERNEL_H_

#include <optional>
#include <span>

#include "engine/kernel.h"

namespace nbits {

// At most this many vectors: with more, decoding whole weights once is the faster.
inline constexpr int64_t kMostPackedVectors = 16;

// Planar.
std::optional<NodeFormats> ChoosePackedFormats(const graph::Graph& graph, const graph::Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakePackedKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PACKED_PACKED_KERNEL_H_

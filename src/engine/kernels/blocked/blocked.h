// SPDX-License-Identifier: Apache-2.0
// Pooling, resampling, joining and conversion of blocked tensors.
#ifndef NBITS_ENGINE_KERNELS_BLOCKED_BLOCKED_H_
#define NBITS_ENGINE_KERNELS_BLOCKED_BLOCKED_H_

#include "engine/kernel.h"

namespace nbits {

// Each Choose/Make pair is a row of the registry. The output has the first input's format.

// Pool of a blocked tensor, any function and window.
std::optional<NodeFormats> ChoosePoolFormats(const graph::Graph& graph, const graph::Node& node,
                                             std::span<const Format> current,
                                             const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakePoolKernel(const graph::Graph& graph,
                                                       const graph::Node& node,
                                                       const NodeFormats& formats,
                                                       const EngineOptions& options);

// Resize, blocked or planar: planar where the result leaves the network soon, so that the small
// side is converted. Samples rows before columns, the plain kernel columns before rows: results
// differ by rounding.
std::optional<NodeFormats> ChooseResizeFormats(const graph::Graph& graph, const graph::Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeResizeKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

// Concat along the channels, each input but the last of a multiple of 16 channels. An input that
// the memory plan has placed inside the output is not copied.
std::optional<NodeFormats> ChooseConcatFormats(const graph::Graph& graph, const graph::Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeConcatKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

// Reformat between any two formats. Has no formats of its own to choose.
absl::StatusOr<std::unique_ptr<Kernel>> MakeReformatKernel(const graph::Graph& graph,
                                                           const graph::Node& node,
                                                           const NodeFormats& formats,
                                                           const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_BLOCKED_BLOCKED_H_

// SPDX-License-Identifier: Apache-2.0
// oneDNN (2.6 or newer), which only src/engine/onednn touches.
#ifndef NBITS_ENGINE_ONEDNN_H_
#define NBITS_ENGINE_ONEDNN_H_

#include "engine/kernel.h"

namespace nbits {

// Kernels for planar convolutions, deconvolutions, inner products and matrix products; null for
// every other operation and for what oneDNN does not have.
absl::StatusOr<std::unique_ptr<Kernel>> MakeOneDnnKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_ONEDNN_H_

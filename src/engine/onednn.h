// The only contact with oneDNN (2.6 or newer).
#ifndef NBITS_ENGINE_ONEDNN_H_
#define NBITS_ENGINE_ONEDNN_H_

#include "engine/kernel.h"

namespace nbits {

// Kernels for convolution, deconvolution and inner products; null for every other operation.
absl::StatusOr<std::unique_ptr<Kernel>> MakeOneDnnKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_ONEDNN_H_

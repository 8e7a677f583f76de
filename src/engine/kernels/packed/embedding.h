// SPDX-License-Identifier: Apache-2.0
// Embeddings that read the elements they give, not the whole table.
#ifndef NBITS_ENGINE_KERNELS_PACKED_EMBEDDING_H_
#define NBITS_ENGINE_KERNELS_PACKED_EMBEDDING_H_

#include "engine/kernel.h"

namespace nbits {

// Planar.
absl::StatusOr<std::unique_ptr<Kernel>> MakeEmbeddingKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PACKED_EMBEDDING_H_

// SPDX-License-Identifier: Apache-2.0
// Recurrent layers with vectors.
#ifndef NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_ROWS_H_
#define NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_ROWS_H_

#include "engine/kernel.h"

namespace nbits {

// The inputs' products of all steps first, by all threads; then step by step what depends on the
// step before, on one. Planar.
absl::StatusOr<std::unique_ptr<Kernel>> MakeRecurrentKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_RECURRENT_RECURRENT_ROWS_H_

// SPDX-License-Identifier: Apache-2.0
// Index of the largest or smallest value along an axis whose values stand apart, on rows of
// Float32.
#ifndef NBITS_ENGINE_KERNELS_ARRAY_ARG_EXTREME_ROWS_H_
#define NBITS_ENGINE_KERNELS_ARRAY_ARG_EXTREME_ROWS_H_

#include "engine/kernel.h"

namespace nbits {

// A row of the registry: ArgExtreme of a planar tensor along any axis but the last. Indices are
// those of the plain kernel, also where values are equal or not numbers.
absl::StatusOr<std::unique_ptr<Kernel>> MakeArgExtremeKernel(const graph::Graph& graph,
                                                             const graph::Node& node,
                                                             const NodeFormats& formats,
                                                             const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_ARRAY_ARG_EXTREME_ROWS_H_

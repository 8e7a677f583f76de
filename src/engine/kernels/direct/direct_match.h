// SPDX-License-Identifier: Apache-2.0
// Which convolutions the direct kernels take.
#ifndef NBITS_ENGINE_KERNELS_DIRECT_DIRECT_MATCH_H_
#define NBITS_ENGINE_KERNELS_DIRECT_DIRECT_MATCH_H_

#include "engine/kernel.h"
#include "graph/ops.h"

namespace nbits {

// Up to this many output channels a convolution is written planar.
inline constexpr int64_t kMostFewOutputs = 8;

// Products of an output value that rows are laid out for: 12 MB of Float32 rows a thread.
inline constexpr int64_t kMostProducts = int64_t{1} << 16;

// The node's convolution if it has one group and windows whose rows fit into scratch memory; else
// null.
const graph::Convolution* AsDense(const graph::Graph& graph, const graph::Node& node);
// The same of kernels larger than 1 x 1.
const graph::Convolution* AsDirect(const graph::Graph& graph, const graph::Node& node);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DIRECT_DIRECT_MATCH_H_

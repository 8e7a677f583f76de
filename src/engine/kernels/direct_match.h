// Which convolutions the direct kernels take.
#ifndef NBITS_ENGINE_KERNELS_DIRECT_MATCH_H_
#define NBITS_ENGINE_KERNELS_DIRECT_MATCH_H_

#include "engine/kernel.h"
#include "graph/ops.h"

namespace nbits {

// Up to this many output channels a convolution is written planar.
inline constexpr int64_t kMostFewOutputs = 8;

// The node's convolution if it has one group, a kernel larger than 1 x 1, and windows whose rows
// fit into scratch memory; else null.
const graph::Convolution* AsDirect(const graph::Graph& graph, const graph::Node& node);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DIRECT_MATCH_H_

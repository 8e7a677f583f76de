// SPDX-License-Identifier: Apache-2.0
// What the descriptions of operations share.
#ifndef NBITS_GRAPH_OPS_COMMON_H_
#define NBITS_GRAPH_OPS_COMMON_H_

#include <array>
#include <cstdint>

namespace nbits::graph {

using WeightId = int32_t;  // Index into Graph::weights.
inline constexpr WeightId kNoWeight = -1;

// Height first, as everywhere in the format.
using Pair = std::array<int64_t, 2>;

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_COMMON_H_

// SPDX-License-Identifier: Apache-2.0
// A stretch of a network as a network of its own.
#ifndef NBITS_GRAPH_SEGMENT_H_
#define NBITS_GRAPH_SEGMENT_H_

#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace nbits::graph {

// What a tensor's value is called where a segment reads or gives it.
std::string ValueName(TensorId tensor);

// The nodes of `graph` with these indices (ascending), as a graph whose inputs are what they read
// and do not write themselves, and whose outputs are `outputs` (written by them); both are named by
// ValueName of their ids in `graph` and have the tensors' own shapes.
Graph SegmentOf(const Graph& graph, std::span<const size_t> nodes,
                std::span<const TensorId> outputs);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_SEGMENT_H_

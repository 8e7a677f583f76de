// SPDX-License-Identifier: Apache-2.0
// Leaves out what nobody reads.
#ifndef NBITS_GRAPH_PRUNE_H_
#define NBITS_GRAPH_PRUNE_H_

#include "graph/graph.h"

namespace nbits::graph {

// Removes the nodes that no output depends on. Tensors and weights keep their ids.
void Prune(Graph& graph);

// The nodes on which `target` depends, as a graph of its own: the inputs of `graph` that they read,
// and one output named "value" of the target's shape.
Graph SubgraphOf(const Graph& graph, TensorId target);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_PRUNE_H_

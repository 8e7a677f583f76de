// SPDX-License-Identifier: Apache-2.0
// Rewrites a graph so that fewer nodes do the same work. Results change by rounding only.
#ifndef NBITS_GRAPH_FUSE_H_
#define NBITS_GRAPH_FUSE_H_

#include <functional>

#include "graph/graph.h"

namespace nbits::graph {

// Whether a node that fusion would make can be run. Asked for convolutions with `addition`,
// `sources` or `depthwise`.
using AcceptNode = std::function<bool(const Graph& graph, const Node& node)>;

// In this order, wherever the value between two nodes has no other reader:
//  * chains of scaling, ReLU, clipping and thresholds become one clip of one scaling;
//  * a scaling per channel (batch normalisation) behind a convolution moves into its weights;
//  * the addition of a value of the same shape behind a convolution is computed by it;
//  * an activation behind a convolution or an inner product is computed by it, and the addition of
//    a value of the same shape behind that;
//  * padding with zeros before a convolution becomes part of its window;
//  * up-sampling before a convolution, and joining along the channels (which may have several
//    readers if all are convolutions), become the convolution's sources;
//  * a depthwise convolution before a 1 x 1 convolution becomes part of it.
// Without `accept` additions, sources and depthwise convolutions are left alone.
void Fuse(Graph& graph, const AcceptNode& accept = nullptr);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_FUSE_H_

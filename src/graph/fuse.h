// Rewrites a graph so that fewer nodes do the same work. Results change by rounding only.
#ifndef NBITS_GRAPH_FUSE_H_
#define NBITS_GRAPH_FUSE_H_

#include "graph/graph.h"

namespace nbits::graph {

// In this order, wherever the value between two nodes has no other reader:
//  * chains of scaling, ReLU, clipping and thresholds become one clip of one scaling;
//  * a scaling per channel (batch normalisation) behind a convolution moves into its weights;
//  * an activation behind a convolution or an inner product is computed by it.
void Fuse(Graph& graph);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_FUSE_H_

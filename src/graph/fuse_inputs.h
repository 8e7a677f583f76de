// SPDX-License-Identifier: Apache-2.0
// The fusions that change what a convolution reads. Parts of Fuse.
#ifndef NBITS_GRAPH_FUSE_INPUTS_H_
#define NBITS_GRAPH_FUSE_INPUTS_H_

#include <vector>

#include "graph/fuse.h"

namespace nbits::graph {

// How often a tensor is read; outputs of the network count.
std::vector<int> CountReaders(const Graph& graph);

// convolution + addition -> convolution with `addition`: after its activation if it has one. The
// convolution then runs where the addition stood.
void FuseAdditions(Graph& graph, const AcceptNode& accept);

// Zero padding of height and width -> the window's.
void FusePadding(Graph& graph);

// Concat and Resize -> the convolution's `sources`.
void FuseSources(Graph& graph, const AcceptNode& accept);

// A convolution of single channels -> the `depthwise` of the 1 x 1 convolution behind it.
void FuseDepthwise(Graph& graph, const AcceptNode& accept);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_FUSE_INPUTS_H_

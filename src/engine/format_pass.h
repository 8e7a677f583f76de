// SPDX-License-Identifier: Apache-2.0
// Chooses the format of every tensor of a graph, and puts conversions where writers and readers
// differ.
#ifndef NBITS_ENGINE_FORMAT_PASS_H_
#define NBITS_ENGINE_FORMAT_PASS_H_

#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "engine/format.h"
#include "graph/graph.h"

namespace nbits {

// Formats of a node's inputs and outputs, in their order.
struct NodeFormats {
  std::vector<Format> inputs, outputs;
};

// The formats in which a node is to run when its inputs now are in `current`. While it is asked the
// graph's nodes are those before the pass.
using ChooseFormats =
    std::function<NodeFormats(const graph::Node& node, std::span<const Format> current)>;

NodeFormats PlanarFormats(const graph::Node& node);
bool AllPlanar(const NodeFormats& formats);

// Inputs as they are where they are blocked and otherwise blocked in Float32, and one blocked
// output of the first input's precision.
NodeFormats BlockedFormats(std::span<const Format> current);
bool AllBlocked(const NodeFormats& formats);  // In any precision.

// Walks the nodes in order, asks `choose`, and inserts a graph::Reformat node (with a new tensor)
// where an input is stored otherwise than the node wants it; one conversion serves all its readers.
// Inputs and outputs of the graph are planar. Returns the format of every tensor, by TensorId.
std::vector<Format> AssignFormats(graph::Graph& graph, const ChooseFormats& choose);

}  // namespace nbits

#endif  // NBITS_ENGINE_FORMAT_PASS_H_

// SPDX-License-Identifier: Apache-2.0
// A network cut into stretches that end before the layers which a walk stops at.
#ifndef NBITS_TUNE_STRETCHES_H_
#define NBITS_TUNE_STRETCHES_H_

#include <span>
#include <vector>

#include "graph/graph.h"

namespace nbits {

// What is run to get from one stop to the input of the next.
struct Stretch {
  std::vector<size_t> nodes;  // Ascending; those that lead to no later stop are left out.
  // Values from before that the nodes, or the stop at the end, read.
  std::vector<graph::TensorId> inputs;
  // Values of the nodes that are read at the stop or later.
  std::vector<graph::TensorId> outputs;
  std::vector<bool> live;  // By TensorId: whether it is read at the stop or later.
};

// One stretch a stop. `stops` are indices of nodes, ascending, whose first input is looked at; it
// is no constant. Nodes without inputs, such as constants, belong to every stretch that reads them,
// and to no stretch's outputs.
std::vector<Stretch> CutAt(const graph::Graph& graph, std::span<const size_t> stops);

// Whether the tensor is written by a node without inputs.
std::vector<bool> SourceTensors(const graph::Graph& graph);

}  // namespace nbits

#endif  // NBITS_TUNE_STRETCHES_H_

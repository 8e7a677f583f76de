// SPDX-License-Identifier: Apache-2.0
// Which of a model's weights can be calibrated, and where they stand in its network.
#ifndef NBITS_TUNE_LAYERS_H_
#define NBITS_TUNE_LAYERS_H_

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "nbits/model.h"
#include "nbits/plan.h"
#include "tune/columns.h"

namespace nbits {

struct LayerPlace {
  size_t node = 0;               // Index into the graph's.
  size_t weight = 0;             // Index into the model's.
  std::optional<size_t> bias;    // Likewise; nothing: the layer has none that may change.
  bool has_bias = false;         // Whether one is added to the output at all.
  graph::WeightId in_graph = 0;  // The weight, in the graph.
  ColumnReader columns;
};

struct Layers {
  std::vector<LayerPlace> places;  // In the network's order.
  // By index of the model's weights: why one that the plan quantizes is not calibrated; else empty.
  std::vector<std::string> reasons;
  // By index of the graph's weights: the model's; nothing for those that the importer made.
  std::vector<std::optional<size_t>> sources;
};

// `graph` is that of `model`, `plan` is for it.
Layers FindLayers(const graph::Graph& graph, const Model& model, const Plan& plan);

// The bias of a node that is a product; null for others.
const std::vector<float>* BiasOf(const graph::Node& node);
std::vector<float>* BiasOf(graph::Node& node);

}  // namespace nbits

#endif  // NBITS_TUNE_LAYERS_H_

// SPDX-License-Identifier: Apache-2.0
// Structural edits of the networks in a model: what folding batch normalisation needs.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_LAYER_EDIT_H_
#define NBITS_FORMATS_NEURAL_NETWORK_LAYER_EDIT_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "nbits/model.h"
#include "proto/neural_network.pb.h"

namespace nbits {

// A list of layers that run together: the main network, a pipeline member's, a branch or loop body.
struct NetworkRef {
  std::string path;  // "" for the model's own network, "models[1]/" for a pipeline member, ...
  std::vector<std::string> output_names;  // Features that leave the network (model outputs).
  bool exact_shapes = false;  // Tensors have the rank that the file says; otherwise all have 5.
  // The layers of the skeleton, in order; values of weights by nbits_weight_index.
  std::vector<const schema::NeuralNetworkLayer*> layers;
};

// Networks in file order. Pointers are valid until the next edit.
std::vector<NetworkRef> Networks(const Model& model);

// Replaces layer `layer` of network `network`. In `replacement` a WeightParams either keeps an
// nbits_weight_index of the same model (values stay where they are) or holds floatValue of its own
// (becomes a new weight with the path of its place). Unknown fields of `replacement` are written.
// Weight indices of the model are renumbered: call model.weights() again afterwards.
absl::Status ReplaceLayer(Model& model, size_t network, size_t layer,
                          const schema::NeuralNetworkLayer& replacement);

// Removes a layer and its weights; the caller has rewired inputs and outputs.
absl::Status RemoveLayer(Model& model, size_t network, size_t layer);

// Replacements by layer; null: the layer is removed.
using LayerEdits = std::map<size_t, std::unique_ptr<schema::NeuralNetworkLayer>>;

// Many of both at once, which costs no more than one. Indices are those before the edits. On an
// error the model is what it was.
absl::Status EditLayers(Model& model, size_t network, LayerEdits edits);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_LAYER_EDIT_H_

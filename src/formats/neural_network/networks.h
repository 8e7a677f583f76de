// SPDX-License-Identifier: Apache-2.0
// All neural networks in a model, skeleton and wire tree side by side.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_NETWORKS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_NETWORKS_H_

#include <string>
#include <vector>

#include "formats/neural_network/wire/wire_tree.h"
#include "proto/model.pb.h"

namespace nbits {

using LayerList = google::protobuf::RepeatedPtrField<schema::NeuralNetworkLayer>;

struct NetworkEntry {
  std::string path;                      // "", "models[1]/", "models[1]/branch1/ifBranch/", ...
  const schema::Model* model = nullptr;  // The innermost model that it stands in.
  const LayerList* layers = nullptr;
  WireNode* node = nullptr;  // kNetwork; its kLayer children are `layers`, one to one.
};

// Outer networks before those nested in them, pipeline members in order.
std::vector<NetworkEntry> ListNetworks(const schema::Model& skeleton, const WireNode& root);

// The list of members of a pipeline, its wrapper in classifiers and regressors passed; null for
// another model.
const schema::Pipeline* PipelineOf(const schema::Model& model);

// The model that the kModel node `node` stands for in the skeleton of its tree.
schema::Model* SkeletonOf(const WireNode& node, schema::Model& root_skeleton);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_NETWORKS_H_

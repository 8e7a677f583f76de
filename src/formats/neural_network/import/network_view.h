// SPDX-License-Identifier: Apache-2.0
// The networks of the format, seen as one.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_NETWORK_VIEW_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_NETWORK_VIEW_H_

#include <string>

#include "absl/status/statusor.h"
#include "formats/neural_network/import/layer_list.h"
#include "nbits/model.h"
#include "proto/neural_network.pb.h"

namespace nbits::graph {

// neuralNetwork, neuralNetworkClassifier and neuralNetworkRegressor have the same fields.
struct NetworkView {
  const LayerList* layers;
  const google::protobuf::RepeatedPtrField<schema::NeuralNetworkPreprocessing>* preprocessing;
  bool rank5_arrays, rank5_images;
  std::string probability_blob;  // Classifiers; may be empty.
};

// Unimplemented for another type of model, which is named.
absl::StatusOr<NetworkView> FindNetwork(const Model& model);

// "input 'image': " before the message of an error.
absl::Status NameFeature(absl::string_view what, const std::string& name,
                         const absl::Status& status);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_NETWORK_VIEW_H_

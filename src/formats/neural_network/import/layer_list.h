// SPDX-License-Identifier: Apache-2.0
// Lists of layers as the file nests them.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_LAYER_LIST_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_LAYER_LIST_H_

#include <set>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "formats/neural_network/import/builder.h"
#include "nbits/model.h"
#include "proto/neural_network.pb.h"

namespace nbits::graph {

using LayerList = google::protobuf::RepeatedPtrField<schema::NeuralNetworkLayer>;

// What the importer of a layer needs besides the layer.
struct ImportContext {
  std::span<const WeightRef> weights;
  bool rank5 = false;  // Every tensor is [sequence, batch, channels, height, width].
};

// Adds one layer to the graph. NeedsValues when its shapes follow from values that are not there;
// the builder's blobs are then what they were. Errors name the layer and its type.
absl::Status ImportLayer(const schema::NeuralNetworkLayer& layer, const ImportContext& context,
                         Builder& builder);

// Unimplemented when one of the layers, nested ones included, is of a type that cannot be run.
absl::Status CheckSupported(const LayerList& layers);

// "layer 'conv1' of type 'convolution': " before the message.
absl::Status NameLayer(const schema::NeuralNetworkLayer& layer, const absl::Status& status);

// Whether |value| > 1e-6: what counts as true in branches and loops.
bool IsTrue(float value);

// Blobs that layers read and write, nested ones included.
struct BlobNames {
  std::multiset<std::string> reads;
  std::set<std::string> writes;

  void Add(const schema::NeuralNetworkLayer& layer);
  void Add(const LayerList& layers);
};

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_LAYER_LIST_H_

// SPDX-License-Identifier: Apache-2.0
// Names of the alternatives that the format knows by field number only: the schema's light classes
// carry no names.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_LAYER_KINDS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_LAYER_KINDS_H_

#include "absl/strings/string_view.h"

namespace nbits {

// "convolution" for 100 (NeuralNetworkLayer::layer_case()); empty for a number that is none.
absl::string_view LayerKindName(int number);

// "neuralNetwork" for 500, "treeEnsembleClassifier" for 402; empty for a number that is none.
absl::string_view ModelTypeName(int number);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_LAYER_KINDS_H_

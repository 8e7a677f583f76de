// SPDX-License-Identifier: Apache-2.0
// From a Core ML model to a Graph. The only entrance of the format into this module.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_IMPORT_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_IMPORT_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "graph/dynamic.h"
#include "graph/graph.h"
#include "nbits/model.h"

namespace nbits::graph {

// Imports a neuralNetwork, neuralNetworkClassifier or neuralNetworkRegressor for inputs of the
// given shapes; inputs not named take their default. An image is [channels, height, width]. An
// array takes the rank that the file declares; in networks of specification version 3 and older,
// where a declared rank of 1 means [channels] and 3 means [channels, height, width], a sequence and
// a batch axis may stand before it. A shape must be the default, one that the file lists, or within
// the ranges that it gives.
//
// The graph shares the mapped file with `model` through the owners of its weights. `compile` serves
// to compute shapes from constants while the graph is made. What has no shape before the network
// runs becomes the graph's dynamic part.
//
// Unimplemented: another type of model, or a layer that is not supported (named with its type).
// InvalidArgument: the file contradicts itself, or a shape does not fit; the layer is named.
absl::StatusOr<Graph> ImportModel(const Model& model, const std::map<std::string, Shape>& shapes,
                                  const Compiler& compile);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_IMPORT_H_

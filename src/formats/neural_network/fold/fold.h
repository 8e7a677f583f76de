// SPDX-License-Identifier: Apache-2.0
// Folding one pair of layers: builds the layer that takes the place of both.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_H_
#define NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_H_

#include <optional>

#include "formats/neural_network/layer_edit.h"
#include "nbits/fold.h"
#include "nbits/model.h"

namespace nbits {

// True when all values involved are there, are Float32 and have counts that agree with the layers'
// channels, and neither layer is updatable or computes its own statistics.
bool CanFold(const Model& model, const schema::NeuralNetworkLayer& first,
             const schema::NeuralNetworkLayer& second);

// The folded layer, with values of its own (floatValue) in the weights that changed and the second
// layer's outputs; nullopt when a folded value is infinite or not a number. Only for pairs that
// CanFold accepts. An epsilon of 0 is the format's default, 1e-5, except for kCoremltools.
std::optional<schema::NeuralNetworkLayer> FoldPair(const Model& model,
                                                   const schema::NeuralNetworkLayer& first,
                                                   const schema::NeuralNetworkLayer& second,
                                                   FoldPlan::Kind kind);

// A scale layer that computes what batch normalisation `layer` does, from two vectors instead of
// four; nullopt when it uses no statistics of the file, its parameters are not all Float32, is
// updatable, or a value would not be finite.
std::optional<schema::NeuralNetworkLayer> BatchnormAsScale(const Model& model,
                                                           const schema::NeuralNetworkLayer& layer);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_H_

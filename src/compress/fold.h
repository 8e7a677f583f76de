// Folding one pair of layers: builds the layer that takes the place of both.
#ifndef NBITS_COMPRESS_FOLD_H_
#define NBITS_COMPRESS_FOLD_H_

#include "coreml/layer_edit.h"
#include "nbits/model.h"

namespace nbits {

// True when all values involved are there, are Float32 and have counts that agree with the layers'
// channels, and neither layer is updatable or computes its own statistics.
bool CanFold(const Model& model, const schema::NeuralNetworkLayer& first,
             const schema::NeuralNetworkLayer& second);

// The folded layer, with values of its own (floatValue) in the weights that changed and the second
// layer's outputs. Only for pairs that CanFold accepts.
schema::NeuralNetworkLayer FoldPair(const Model& model, const schema::NeuralNetworkLayer& first,
                                    const schema::NeuralNetworkLayer& second);

}  // namespace nbits

#endif  // NBITS_COMPRESS_FOLD_H_

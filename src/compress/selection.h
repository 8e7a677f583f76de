// Which weights coremltools 7.2 selects (its `QuantizedLayerSelector`).
#ifndef NBITS_COMPRESS_SELECTION_H_
#define NBITS_COMPRESS_SELECTION_H_

#include <set>
#include <string>

#include "nbits/model.h"

namespace nbits {

// Indices of weights that their layer does not use: biases of layers whose hasBias flag is not
// set, peephole vectors of layers without peepholes. They stay as they are.
std::set<size_t> UnusedWeights(const Model& model);

// Why coremltools passes over a weight of this layer type and role, "" when it does not.
// It does not know convolution3d, layerNormalization, activations and custom layers.
std::string LayerReason(const WeightRef& weight);

// Why a weight's present form keeps it from being quantized, "" when it is Float32.
std::string SchemeReason(const WeightRef& weight);

}  // namespace nbits

#endif  // NBITS_COMPRESS_SELECTION_H_

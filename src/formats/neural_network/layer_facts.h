// SPDX-License-Identifier: Apache-2.0
// What a weight's layer says about it, beyond what WeightRef carries.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_LAYER_FACTS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_LAYER_FACTS_H_

#include <cstdint>
#include <vector>

#include "nbits/model.h"

namespace nbits {

struct LayerFacts {
  size_t layer = 0;  // The same for all weights of a layer, and for no other.
  // A bias of a layer whose hasBias flag is not set, a peephole vector of one without peepholes.
  bool unused = false;
  // As Core ML's own checks see it: the layer's flags leave this weight out.
  bool unchecked = false;
  bool updatable = false;        // The layer is, in a model that is.
  bool is_in_updatable = false;  // The model is.
  bool depthwise = false;        // A convolution of one kernel channel and several groups.
  bool has_kernel = false;       // The layer has a weight of role kKernel.
  // Of the layer's largest weight. Rank 2 and more: extents of its channel axis and of the other of
  // the first two axes; 0 for vectors.
  int64_t elements = 0, outputs = 0, inputs = 0;
};

// One for each of model.weights(), in that order.
std::vector<LayerFacts> FactsOfWeights(const Model& model);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_LAYER_FACTS_H_

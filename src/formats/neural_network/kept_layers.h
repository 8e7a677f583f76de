// SPDX-License-Identifier: Apache-2.0
// Layers that the caller wants to have as they are.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_KEPT_LAYERS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_KEPT_LAYERS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nbits/model.h"

namespace nbits {

// A layer by what names it: itself and the weights that it has (indices into Model::weights()).
struct LayerWeights {
  std::string layer;
  std::vector<size_t> indices;
  std::optional<size_t> kernel;  // The one that the schema calls `weights`.
};

// Whether one of `patterns` names the layer or one of its weights: folding or changing the layer
// would change that weight. `layer` is one of the model's.
bool IsKeptLayer(const Model& model, const LayerWeights& layer,
                 const std::vector<std::string>& patterns);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_KEPT_LAYERS_H_

// SPDX-License-Identifier: Apache-2.0
// Layers that the caller wants to have as they are.
#ifndef NBITS_COMPRESS_KEPT_LAYERS_H_
#define NBITS_COMPRESS_KEPT_LAYERS_H_

#include <string>
#include <vector>

#include "coreml/layer_edit.h"
#include "nbits/model.h"

namespace nbits {

// Whether one of `patterns` names the layer or one of its weights: folding or changing the layer
// would change that weight. `layer` is one of the model's.
bool IsKeptLayer(const Model& model, const schema::NeuralNetworkLayer& layer,
                 const std::vector<std::string>& patterns);

}  // namespace nbits

#endif  // NBITS_COMPRESS_KEPT_LAYERS_H_

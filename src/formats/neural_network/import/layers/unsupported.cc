// SPDX-License-Identifier: Apache-2.0
// Layer types that cannot be run, so that a message can name them.
#include "formats/neural_network/import/layer.h"

namespace nbits::graph {

std::span<const LayerKind> UnsupportedLayers() {
  static constexpr LayerKind kKinds[] = {
      // Its code is part of the application that the model was made for.
      {schema::NeuralNetworkLayer::kCustom, "custom", nullptr},
  };
  return kKinds;
}

}  // namespace nbits::graph

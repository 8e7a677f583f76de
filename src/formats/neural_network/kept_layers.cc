// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/kept_layers.h"

#include <algorithm>

#include "formats/name_pattern.h"

namespace nbits {

bool IsKeptLayer(const Model& model, const LayerWeights& layer,
                 const std::vector<std::string>& patterns) {
  if (patterns.empty()) return false;
  if (MatchesAny(patterns, layer.layer)) return true;
  return std::any_of(layer.indices.begin(), layer.indices.end(), [&](size_t index) {
    return MatchesAny(patterns, model.weights()[index].path);
  });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "compress/kept_layers.h"

#include <algorithm>

#include "compress/name_pattern.h"
#include "coreml/weight_fields.h"

namespace nbits {

bool IsKeptLayer(const Model& model, const schema::NeuralNetworkLayer& layer,
                 const std::vector<std::string>& patterns) {
  if (patterns.empty()) return false;
  if (MatchesAny(patterns, layer.name())) return true;
  const std::vector<WeightField> fields = WeightFieldsOf(layer);
  return std::any_of(fields.begin(), fields.end(), [&](const WeightField& field) {
    return MatchesAny(patterns, model.weights()[field.index].path);
  });
}

}  // namespace nbits

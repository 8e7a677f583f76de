// SPDX-License-Identifier: Apache-2.0
#include "compress/dynamic_int8.h"

#include "base/status_macros.h"
#include "compress/kept_layers.h"
#include "coreml/layer_edit.h"

namespace nbits {
namespace {

using Layer = schema::NeuralNetworkLayer;

bool IsDynamic(const Layer& layer) {
  return (layer.has_innerproduct() && layer.innerproduct().int8dynamicquantize()) ||
         (layer.has_batchedmatmul() && layer.batchedmatmul().int8dynamicquantize());
}

Layer WithoutFlag(Layer layer) {
  if (layer.has_innerproduct()) {
    layer.mutable_innerproduct()->set_int8dynamicquantize(false);
  } else {
    layer.mutable_batchedmatmul()->set_int8dynamicquantize(false);
  }
  return layer;
}

}  // namespace

absl::Status ClearDynamicQuantization(Model& model, const std::vector<std::string>& skip) {
  std::vector<NetworkRef> networks = Networks(model);
  for (size_t n = 0; n < networks.size(); ++n) {
    for (size_t i = 0; i < networks[n].layers.size(); ++i) {
      const Layer& layer = *networks[n].layers[i];
      if (!IsDynamic(layer) || IsKeptLayer(model, layer, skip)) continue;
      NBITS_RETURN_IF_ERROR(ReplaceLayer(model, n, i, WithoutFlag(layer)));
      networks = Networks(model);  // The edit moved layers.
    }
  }
  return absl::OkStatus();
}

}  // namespace nbits

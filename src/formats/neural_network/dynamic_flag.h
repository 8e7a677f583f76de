// SPDX-License-Identifier: Apache-2.0
// Layers that multiply 8-bit weights with activations quantized at run time (int8DynamicQuantize).
#ifndef NBITS_FORMATS_NEURAL_NETWORK_DYNAMIC_FLAG_H_
#define NBITS_FORMATS_NEURAL_NETWORK_DYNAMIC_FLAG_H_

#include "absl/functional/function_ref.h"
#include "formats/neural_network/kept_layers.h"
#include "nbits/model.h"

namespace nbits {

// Takes the flag away from those inner products and batched products for which `wanted` holds. All
// else stays as it is, indices of weights too. Linear in the number of layers.
void ClearDynamicInt8(Model& model, absl::FunctionRef<bool(const LayerWeights& layer)> wanted);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_DYNAMIC_FLAG_H_

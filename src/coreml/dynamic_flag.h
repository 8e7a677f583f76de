// SPDX-License-Identifier: Apache-2.0
// Layers that multiply 8-bit weights with activations quantized at run time (int8DynamicQuantize).
#ifndef NBITS_COREML_DYNAMIC_FLAG_H_
#define NBITS_COREML_DYNAMIC_FLAG_H_

#include "absl/functional/function_ref.h"
#include "nbits/model.h"
#include "proto/neural_network.pb.h"

namespace nbits {

// Inner products and batched products with the flag.
bool IsDynamicInt8(const schema::NeuralNetworkLayer& layer);

// Takes the flag away from those of them for which `wanted` holds. All else stays as it is, indices
// of weights too. Linear in the number of layers.
void ClearDynamicInt8(Model& model,
                      absl::FunctionRef<bool(const schema::NeuralNetworkLayer& layer)> wanted);

}  // namespace nbits

#endif  // NBITS_COREML_DYNAMIC_FLAG_H_

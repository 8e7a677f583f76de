// SPDX-License-Identifier: Apache-2.0
// Layers that multiply 8-bit weights with activations quantized at run time.
#ifndef NBITS_COMPRESS_DYNAMIC_INT8_H_
#define NBITS_COMPRESS_DYNAMIC_INT8_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "nbits/model.h"

namespace nbits {

// Clears int8DynamicQuantize in inner products and batched products, which demands int8RawValue
// weights: without it, the weights can become Float32 again. Layers whose name one of the patterns
// `skip` matches stay. Weight indices change.
absl::Status ClearDynamicQuantization(Model& model, const std::vector<std::string>& skip);

}  // namespace nbits

#endif  // NBITS_COMPRESS_DYNAMIC_INT8_H_

// SPDX-License-Identifier: Apache-2.0
// What is looked at, and what follows, when a weight takes another's place in a model.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_REPLACEMENT_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_REPLACEMENT_H_

#include <cstddef>

#include "absl/status/status.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/wire/wire_tree.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// InvalidArgument when `tensor` cannot stand in place of weight `index`: see Model::ReplaceWeight.
absl::Status CheckReplacement(const PackedTensor& tensor, size_t index, Model::Impl& impl);

// Gives the model that `weight` stands in at least this specification version.
void RaiseVersion(int version, WireNode& weight, Model::Impl& impl);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_REPLACEMENT_H_

// SPDX-License-Identifier: Apache-2.0
// Inputs of a network: their shapes inside, and the preprocessing of pictures.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_INPUT_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_INPUT_H_

#include "absl/status/status.h"
#include "formats/neural_network/import/builder.h"
#include "formats/neural_network/import/network_view.h"
#include "nbits/model.h"

namespace nbits::graph {

// Adds the input and binds it to its name. `given` is the caller's shape, or null for the model's
// default. InvalidArgument for a shape that the model does not allow, which names what it allows;
// Unimplemented for features that are neither pictures nor numbers.
absl::Status ImportInput(const FeatureDescription& feature, const NetworkView& network,
                         const Shape* given, Builder& builder);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_INPUT_H_

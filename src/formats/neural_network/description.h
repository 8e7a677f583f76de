// SPDX-License-Identifier: Apache-2.0
// A model's description in the words of include/nbits/model.h.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_DESCRIPTION_H_
#define NBITS_FORMATS_NEURAL_NETWORK_DESCRIPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "formats/neural_network/networks.h"
#include "nbits/model.h"

namespace nbits {

// Name of the model's type as the specification spells it; empty when the root holds none that is
// known, which no Core ML model does.
std::string ModelTypeOf(const WireNode& root);

// `function`: of an ML Program, the one whose inputs and outputs are described; "": the usual one.
// InvalidArgument for a program without functions.
absl::StatusOr<ModelDescription> Describe(const schema::Model& skeleton, const WireNode& root,
                                          const std::string& function);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_DESCRIPTION_H_

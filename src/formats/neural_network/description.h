// SPDX-License-Identifier: Apache-2.0
// A model's description in the words of include/nbits/model.h.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_DESCRIPTION_H_
#define NBITS_FORMATS_NEURAL_NETWORK_DESCRIPTION_H_

#include <string>

#include "formats/neural_network/networks.h"
#include "nbits/model.h"

namespace nbits {

// Name of the model's type as the specification spells it; empty when the root holds none that is
// known, which no Core ML model does.
std::string ModelTypeOf(const WireNode& root);

// Whether the model, or a member of the pipeline that it is, is an ML Program.
bool HoldsProgram(const WireNode& root);

ModelDescription Describe(const schema::Model& skeleton, const WireNode& root);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_DESCRIPTION_H_

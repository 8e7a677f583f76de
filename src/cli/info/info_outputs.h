// SPDX-License-Identifier: Apache-2.0
#ifndef NBITS_CLI_INFO_INFO_OUTPUTS_H_
#define NBITS_CLI_INFO_INFO_OUTPUTS_H_

#include <vector>

#include "nbits/model.h"

namespace nbits::cli {

// The model's outputs. Arrays whose shape the file does not give have the one that the network
// computes for inputs of their default shapes, unless it follows from values or the model is none
// that runs.
std::vector<FeatureDescription> OutputsWithShapes(const Model& model);

}  // namespace nbits::cli

#endif  // NBITS_CLI_INFO_INFO_OUTPUTS_H_

// SPDX-License-Identifier: Apache-2.0
// Why the numbers of a layer give its weights no shape.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_SIZE_PROBLEM_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_SIZE_PROBLEM_H_

#include <string>

#include "proto/neural_network.pb.h"

namespace nbits {

// Names the field by its name in NeuralNetwork.proto, its value and what is allowed, such as
// "outputChannels is 18446744073709551615 (up to 2^31 are allowed)"; empty where every number may
// be right.
std::string SizeProblem(const schema::NeuralNetworkLayer& layer);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_SIZE_PROBLEM_H_

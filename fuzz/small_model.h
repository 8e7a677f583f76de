// SPDX-License-Identifier: Apache-2.0
// A model for targets whose input is not the model.
#ifndef NBITS_FUZZ_SMALL_MODEL_H_
#define NBITS_FUZZ_SMALL_MODEL_H_

#include <string>

namespace nbits::fuzz {

// A file of three layers: "conv" with weights and bias, "norm" and "fc" with weights.
const std::string& SmallModelFile();

}  // namespace nbits::fuzz

#endif  // NBITS_FUZZ_SMALL_MODEL_H_

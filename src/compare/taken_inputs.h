// SPDX-License-Identifier: Apache-2.0
// Which models a comparison can give something to.
#ifndef NBITS_COMPARE_TAKEN_INPUTS_H_
#define NBITS_COMPARE_TAKEN_INPUTS_H_

#include <vector>

#include "absl/status/status.h"
#include "nbits/model.h"

namespace nbits {

// InvalidArgument, naming it and what can be done, when an input that is needed takes text, a
// dictionary or a sequence: samples are files of pictures, arrays and numbers.
absl::Status CheckTakesFiles(const std::vector<FeatureDescription>& inputs);

}  // namespace nbits

#endif  // NBITS_COMPARE_TAKEN_INPUTS_H_

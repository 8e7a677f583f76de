// SPDX-License-Identifier: Apache-2.0
// From `--input NAME=FILE` to the tensors that a network takes.
#ifndef NBITS_CLI_RUN_INPUTS_H_
#define NBITS_CLI_RUN_INPUTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits::cli {

struct RunInputs {
  TensorMap tensors;
  // Shapes that differ from the model's defaults, for Engine::Create.
  std::map<std::string, Shape> shapes;
};

// Reads every file of `arguments`, each "NAME=FILE" or, where the model has one input or one that
// is not optional, just "FILE". JPEG and PNG are scaled to the feature; .npy arrays may lack or
// have additional axes of extent 1. InvalidArgument: a name the model does not have or that is
// given twice, a missing input, an unreadable file, a picture for an array, a shape that does not
// fit.
absl::StatusOr<RunInputs> ReadInputs(const std::vector<FeatureDescription>& features,
                                     const std::vector<std::string>& arguments);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_INPUTS_H_

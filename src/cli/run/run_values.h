// SPDX-License-Identifier: Apache-2.0
// Numbers, text, dictionaries and short arrays on the command line of `nbits run`, and what it says
// of such outputs.
#ifndef NBITS_CLI_RUN_RUN_VALUES_H_
#define NBITS_CLI_RUN_RUN_VALUES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "nbits/model.h"
#include "nbits/predictor.h"

namespace nbits::cli {

// "number 'age': such as 3.5", for errors; nbits/input.h has it for pictures and arrays.
std::string DescribeValue(const FeatureDescription& feature);

// The value that `text` is for a number ("3.5", or a .npy file of one element), text, or a
// dictionary ({"rooms": 3} or a .json file that holds it); for an array nothing, unless it is a
// list of numbers such as 5.1,3.5,1.4 and no file. InvalidArgument: it is no such value.
absl::StatusOr<std::optional<FeatureValue>> ParseValue(const FeatureDescription& feature,
                                                       const std::string& text);

// One object with all outputs that are no arrays: {"label": "dog", "probabilities": {"dog": 0.7}}.
std::string ValuesJson(const FeatureMap& values);

// A line each; of a dictionary the five largest.
std::string ValuesText(const FeatureMap& values);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_RUN_VALUES_H_

// SPDX-License-Identifier: Apache-2.0
// What classifiers give, the label of the best class and the probability of each, and regressors.
#ifndef NBITS_PIPELINE_CLASSIFIER_H_
#define NBITS_PIPELINE_CLASSIFIER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/predictor.h"

namespace nbits {

// The outputs of `model` that are its label and its probabilities. InvalidArgument: there are not
// as many probabilities as class labels.
absl::StatusOr<FeatureMap> ClassOutputs(const ModelDescription& model,
                                        const std::vector<double>& probabilities);
// The same where another class than the first of the most probable was chosen.
absl::StatusOr<FeatureMap> ClassOutputs(const ModelDescription& model,
                                        const std::vector<double>& probabilities, size_t best);

// The name of a regressor's output. InvalidArgument when there is none.
absl::StatusOr<std::string> PredictedOutput(const ModelDescription& model);

}  // namespace nbits

#endif  // NBITS_PIPELINE_CLASSIFIER_H_

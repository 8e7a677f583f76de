// SPDX-License-Identifier: Apache-2.0
#include "pipeline/classifier.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

absl::StatusOr<FeatureValue> Label(const FeatureDescription& output, const std::string& label) {
  if (output.kind != FeatureKind::kInt64) return label;
  int64_t number = 0;
  if (absl::SimpleAtoi(label, &number)) return number;
  return absl::InvalidArgumentError(absl::StrCat("class label '", label, "' is no integer"));
}

Dictionary Probabilities(const std::vector<std::string>& labels, bool integer_keys,
                         const std::vector<double>& probabilities) {
  Dictionary dictionary{integer_keys, {}};
  for (size_t i = 0; i < labels.size(); ++i) {
    dictionary.entries.emplace_back(labels[i], probabilities[i]);
  }
  return dictionary;
}

}  // namespace

absl::StatusOr<FeatureMap> ClassOutputs(const ModelDescription& model,
                                        const std::vector<double>& probabilities, size_t best) {
  const std::vector<std::string>& labels = model.class_labels;
  if (labels.size() != probabilities.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(probabilities.size(), " probabilities for ", labels.size(), " class labels"));
  }
  FeatureMap outputs;
  bool integers = false;
  for (const FeatureDescription& output : model.outputs) {
    if (output.name != model.predicted_feature_name) continue;
    NBITS_ASSIGN_OR_RETURN(outputs[output.name], Label(output, labels[best]));
    integers = output.kind == FeatureKind::kInt64;
  }
  if (!model.predicted_probabilities_name.empty()) {
    outputs[model.predicted_probabilities_name] = Probabilities(labels, integers, probabilities);
  }
  return outputs;
}

absl::StatusOr<FeatureMap> ClassOutputs(const ModelDescription& model,
                                        const std::vector<double>& probabilities) {
  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  return ClassOutputs(model, probabilities, static_cast<size_t>(best - probabilities.begin()));
}

absl::StatusOr<std::string> PredictedOutput(const ModelDescription& model) {
  if (!model.predicted_feature_name.empty()) return model.predicted_feature_name;
  if (model.outputs.size() == 1) return model.outputs[0].name;
  return absl::InvalidArgumentError("the model does not name the output that it predicts");
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "pipeline/import/transform.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/values.h"

namespace nbits {
namespace {

absl::Status InFeature(const char* what, const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(what, " '", name, "': ", status.message()));
}

absl::Status Missing(const std::string& name) {
  return absl::InvalidArgumentError(absl::StrCat("input '", name, "' is missing"));
}

class Transform : public Stage {
 public:
  Transform(Source source, Function function)
      : input_(std::move(source.description.inputs[0])),
        output_(std::move(source.description.outputs[0])),
        function_(std::move(function)) {}

  absl::StatusOr<FeatureMap> Run(const Scope& scope, std::vector<LayerProfile>*) const override {
    const FeatureValue* value = scope.Find(input_.name);
    if (value == nullptr && !input_.optional) return Missing(input_.name);
    absl::StatusOr<FeatureValue> made = function_(value);
    if (!made.ok()) return InFeature("input", input_.name, made.status());
    absl::StatusOr<FeatureValue> stated = Conform(*std::move(made), output_);
    if (!stated.ok()) return InFeature("output", output_.name, stated.status());
    FeatureMap outputs;
    outputs[output_.name] = *std::move(stated);
    return outputs;
  }

 private:
  FeatureDescription input_, output_;
  Function function_;
};

// A value as numbers; NaN stands for a number that was left out.
absl::StatusOr<std::vector<double>> Numbers(const FeatureDescription& input,
                                            const FeatureValue* value) {
  if (value != nullptr) {
    NBITS_ASSIGN_OR_RETURN(DoubleArray array, ToArray(*value));
    return std::move(array.values);
  }
  const bool number = input.kind == FeatureKind::kDouble || input.kind == FeatureKind::kInt64;
  if (!input.optional || !number) return absl::InvalidArgumentError("it is missing");
  return std::vector<double>{std::numeric_limits<double>::quiet_NaN()};
}

class VectorStage : public Stage {
 public:
  VectorStage(Source source, VectorFunction function)
      : inputs_(std::move(source.description.inputs)),
        outputs_(std::move(source.description.outputs)),
        function_(std::move(function)) {}

  absl::StatusOr<FeatureMap> Run(const Scope& scope, std::vector<LayerProfile>*) const override {
    std::vector<double> values;
    for (const FeatureDescription& input : inputs_) {
      const auto numbers = Numbers(input, scope.Find(input.name));
      if (!numbers.ok()) return InFeature("input", input.name, numbers.status());
      values.insert(values.end(), numbers->begin(), numbers->end());
    }
    NBITS_ASSIGN_OR_RETURN(FeatureMap outputs, function_(values));
    for (const FeatureDescription& output : outputs_) {
      const auto made = outputs.find(output.name);
      if (made == outputs.end()) continue;
      absl::StatusOr<FeatureValue> stated = Conform(std::move(made->second), output);
      if (!stated.ok()) return InFeature("output", output.name, stated.status());
      made->second = *std::move(stated);
    }
    return outputs;
  }

 private:
  std::vector<FeatureDescription> inputs_, outputs_;
  VectorFunction function_;
};

}  // namespace

MadeStage MakeTransform(Source source, Function function) {
  const ModelDescription& model = source.description;
  if (model.inputs.size() != 1 || model.outputs.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(model.inputs.size(), " inputs and ",
                                                   model.outputs.size(),
                                                   " outputs; one of each was expected"));
  }
  return std::make_unique<Transform>(std::move(source), std::move(function));
}

MadeStage MakeNeedyTransform(Source source, NeedyFunction function) {
  return MakeTransform(
      std::move(source),
      [function = std::move(function)](const FeatureValue* value) -> absl::StatusOr<FeatureValue> {
        if (value != nullptr) return function(*value);
        return absl::InvalidArgumentError("it is missing");
      });
}

MadeStage MakeVectorStage(Source source, VectorFunction function) {
  if (source.description.inputs.empty()) return absl::InvalidArgumentError("there are no inputs");
  return std::make_unique<VectorStage>(std::move(source), std::move(function));
}

}  // namespace nbits

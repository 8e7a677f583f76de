// SPDX-License-Identifier: Apache-2.0
#include "pipeline/network_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "data/shape.h"
#include "nbits/input.h"
#include "pipeline/classifier.h"
#include "pipeline/states.h"
#include "pipeline/values.h"

namespace nbits {
namespace {

// `shape`, or the input's own where the two differ by axes of extent 1 alone.
Shape Fitted(const Shape& shape, const Shape& own) {
  return !own.empty() && WithoutOnes(own) == WithoutOnes(shape) ? own : shape;
}

// Shapes that differ from the defaults of the model's inputs.
std::map<std::string, Shape> ShapesFor(const Model& model,
                                       const std::map<std::string, Shape>& shapes) {
  std::map<std::string, Shape> wanted;
  for (const FeatureDescription& input : model.description().inputs) {
    const auto given = shapes.find(input.name);
    if (given == shapes.end()) continue;
    const Shape shape = Fitted(given->second, InputShape(input));
    if (shape != InputShape(input)) wanted[input.name] = shape;
  }
  return wanted;
}

class NetworkStage : public Stage {
 public:
  NetworkStage(Model model, const EngineOptions& options, Engine engine)
      : model_(std::move(model)), options_(options), engine_(std::move(engine)), states_(engine_) {}

  absl::StatusOr<FeatureMap> Run(const Scope& scope,
                                 std::vector<LayerProfile>* profile) const override {
    NBITS_ASSIGN_OR_RETURN(const TensorMap inputs, InputsFrom(scope));
    const std::map<std::string, Shape> shapes = OtherShapes(inputs);
    if (shapes.empty()) return Outputs(RunWithStates(engine_, states_, inputs, profile));
    // What came before had no shape until now.
    NBITS_ASSIGN_OR_RETURN(const Engine engine, Engine::Create(model_, options_, shapes));
    // Their states are those of the shapes that were there before.
    return Outputs(RunWithStates(engine, states_, inputs, profile));
  }

  std::map<std::string, Shape> KnownShapes() const override {
    std::map<std::string, Shape> shapes;
    for (const FeatureDescription& output : engine_.outputs()) {
      if (!output.shape.empty()) shapes[output.name] = output.shape;
    }
    return shapes;
  }

  int64_t activation_bytes() const override { return engine_.activation_bytes(); }
  int64_t wide_tensors() const override { return engine_.wide_tensors(); }

  void AppendMemory(const std::string& place,
                    std::vector<std::pair<std::string, MemoryReport>>& reports) const override {
    reports.emplace_back(place, engine_.memory());
  }

 private:
  absl::StatusOr<TensorMap> InputsFrom(const Scope& scope) const {
    TensorMap inputs;
    for (const FeatureDescription& input : engine_.inputs()) {
      const FeatureValue* value = scope.Find(input.name);
      if (value == nullptr) continue;  // The engine says whether it can do without.
      absl::StatusOr<Tensor> tensor = ToTensor(*value);
      if (!tensor.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("input '", input.name, "': ", tensor.status().message()));
      }
      tensor->shape = Fitted(tensor->shape, input.shape);
      inputs[input.name] = *std::move(tensor);
    }
    return inputs;
  }

  std::map<std::string, Shape> OtherShapes(const TensorMap& inputs) const {
    std::map<std::string, Shape> shapes;
    bool other = false;
    for (const FeatureDescription& input : engine_.inputs()) {
      const auto found = inputs.find(input.name);
      if (found == inputs.end()) continue;
      shapes[input.name] = found->second.shape;
      other = other || found->second.shape != input.shape;
    }
    return other ? shapes : std::map<std::string, Shape>();
  }

  absl::StatusOr<FeatureMap> Outputs(absl::StatusOr<TensorMap> tensors) const {
    if (!tensors.ok()) return tensors.status();
    const ModelDescription& model = model_.description();
    FeatureMap values;
    for (const FeatureDescription& output : engine_.outputs()) {
      const auto found = tensors->find(output.name);
      if (found == tensors->end()) continue;
      NBITS_ASSIGN_OR_RETURN(values[output.name], Conform(std::move(found->second), output));
    }
    const auto found = values.find(model.predicted_probabilities_name);
    if (found == values.end() || model.class_labels.empty()) return values;
    NBITS_ASSIGN_OR_RETURN(const DoubleArray scores, ToArray(found->second));
    NBITS_ASSIGN_OR_RETURN(FeatureMap classes, ClassOutputs(model, scores.values));
    for (auto& [name, value] : classes) values[name] = std::move(value);
    return values;
  }

  Model model_;
  EngineOptions options_;
  Engine engine_;
  mutable States states_;
};

}  // namespace

bool IsNetwork(absl::string_view type) {
  return type == "neuralNetwork" || type == "neuralNetworkClassifier" ||
         type == "neuralNetworkRegressor" || type == "mlProgram";
}

absl::StatusOr<std::unique_ptr<Stage>> MakeNetworkStage(
    Model model, const EngineOptions& options, const std::map<std::string, Shape>& shapes) {
  NBITS_ASSIGN_OR_RETURN(Engine engine, Engine::Create(model, options, ShapesFor(model, shapes)));
  return std::make_unique<NetworkStage>(std::move(model), options, std::move(engine));
}

}  // namespace nbits

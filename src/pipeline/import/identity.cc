// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/import/kinds.h"
#include "pipeline/values.h"

namespace nbits {
namespace {

// Inputs as outputs of the same names; where an output's name is no input's, the one at its place.
class Identity : public Stage {
 public:
  explicit Identity(ModelDescription model) : model_(std::move(model)) {}

  absl::StatusOr<FeatureMap> Run(const Scope& scope, std::vector<LayerProfile>*) const override {
    FeatureMap outputs;
    for (size_t i = 0; i < model_.outputs.size(); ++i) {
      const FeatureDescription& output = model_.outputs[i];
      const FeatureValue* value = scope.Find(output.name);
      if (value == nullptr && i < model_.inputs.size()) value = scope.Find(model_.inputs[i].name);
      if (value == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("output '", output.name, "': there is no such input"));
      }
      NBITS_ASSIGN_OR_RETURN(outputs[output.name], Conform(*value, output));
    }
    return outputs;
  }

 private:
  ModelDescription model_;
};

}  // namespace

MadeStage MakeIdentity(Source source) {
  return std::make_unique<Identity>(std::move(source.description));
}

}  // namespace nbits

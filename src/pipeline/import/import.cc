// SPDX-License-Identifier: Apache-2.0
#include "pipeline/import/import.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "formats/neural_network/members.h"
#include "formats/neural_network/model_impl.h"
#include "pipeline/import/kinds.h"

namespace nbits {
namespace {

struct Kind {
  absl::string_view type;
  MadeStage (*make)(Source source);
};

constexpr Kind kKinds[] = {
    {"nonMaximumSuppression", MakeSuppression},
    {"glmClassifier", MakeLinearClassifier},
    {"glmRegressor", MakeLinearRegressor},
    {"treeEnsembleClassifier", MakeTreeClassifier},
    {"treeEnsembleRegressor", MakeTreeRegressor},
    {"scaler", MakeScaler},
    {"normalizer", MakeNormalizer},
    {"oneHotEncoder", MakeOneHotEncoder},
    {"dictVectorizer", MakeDictVectorizer},
    {"imputer", MakeImputer},
    {"featureVectorizer", MakeFeatureVectorizer},
    {"arrayFeatureExtractor", MakeArrayFeatureExtractor},
    {"categoricalMapping", MakeCategoricalMapping},
    {"identity", MakeIdentity},
};

const Kind* Find(absl::string_view type) {
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const Kind& kind) { return kind.type == type; });
  return found == std::end(kKinds) ? nullptr : found;
}

}  // namespace

bool IsClassical(absl::string_view type) { return Find(type) != nullptr; }

absl::StatusOr<std::unique_ptr<Stage>> MakeClassicalStage(const Model& model) {
  const ModelDescription& description = model.description();
  const Kind* kind = Find(description.type);
  if (kind == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("models of type ", description.type, " cannot be run"));
  }
  return kind->make({ContentOf(model.impl().tree->root), description});
}

}  // namespace nbits

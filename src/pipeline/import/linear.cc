// SPDX-License-Identifier: Apache-2.0
// Generalised linear models: sums of weighted inputs, and what becomes of them.
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/classifier.h"
#include "pipeline/import/transform.h"
#include "pipeline/transforms.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

using schema::GLMClassifier;
using schema::GLMRegressor;

struct LinearFunctions {
  std::vector<std::vector<double>> weights;
  std::vector<double> offsets;

  absl::StatusOr<std::vector<double>> operator()(const std::vector<double>& x) const {
    if (x.size() != weights[0].size()) {
      return absl::InvalidArgumentError(absl::StrCat("the inputs hold ", x.size(), " numbers, ",
                                                     weights[0].size(), " are needed"));
    }
    std::vector<double> sums;
    for (size_t row = 0; row < weights.size(); ++row) {
      sums.push_back(std::inner_product(x.begin(), x.end(), weights[row].begin(), 0.0) +
                     offsets[row]);
    }
    return sums;
  }
};

template <typename Params>
absl::StatusOr<LinearFunctions> FunctionsOf(const Params& params) {
  LinearFunctions functions;
  for (const auto& row : params.weights()) {
    functions.weights.emplace_back(row.value().begin(), row.value().end());
    if (functions.weights.back().size() != functions.weights[0].size()) {
      return absl::InvalidArgumentError("rows of weights differ in length");
    }
  }
  functions.offsets.assign(params.offset().begin(), params.offset().end());
  if (functions.weights.empty()) return absl::InvalidArgumentError("there are no weights");
  if (functions.weights.size() == functions.offsets.size()) return functions;
  return absl::InvalidArgumentError(absl::StrCat(functions.weights.size(), " rows of weights and ",
                                                 functions.offsets.size(), " offsets"));
}

std::vector<double> EachThrough(double (*transform)(double), std::vector<double> sums) {
  for (double& sum : sums) sum = transform(sum);
  return sums;
}

using Transformation = std::vector<double> (*)(std::vector<double> sums);

std::vector<double> OneFunction(double probability) { return {1 - probability, probability}; }

// How many classes the sums tell apart, and how.
absl::StatusOr<Transformation> ChooseTransformation(const GLMClassifier& params, size_t classes) {
  const size_t rows = static_cast<size_t>(params.weights_size());
  const bool probit = params.postevaluationtransform() == GLMClassifier::Probit;
  const bool one_vs_rest = params.classencoding() == GLMClassifier::OneVsRest;
  if (!GLMClassifier::PostEvaluationTransform_IsValid(params.postevaluationtransform()) ||
      !GLMClassifier::ClassEncoding_IsValid(params.classencoding())) {
    return absl::InvalidArgumentError("an unknown transform or encoding of classes");
  }
  if (classes == 2 && rows == 1) {
    if (probit) return [](std::vector<double> s) { return OneFunction(NormalDistribution(s[0])); };
    return [](std::vector<double> s) { return OneFunction(Logistic(s[0])); };
  }
  if (probit) return absl::InvalidArgumentError("probit is for two classes only");
  if (!one_vs_rest && rows + 1 == classes) return SoftmaxAgainstFirst;
  if (one_vs_rest && rows == classes) {
    return [](std::vector<double> s) { return Shares(EachThrough(Logistic, std::move(s))); };
  }
  return absl::InvalidArgumentError(
      absl::StrCat(rows, " rows of weights do not fit ", classes, " classes"));
}

absl::StatusOr<Transformation> ChooseTransformation(const GLMRegressor& params) {
  switch (params.postevaluationtransform()) {
    case GLMRegressor::NoTransform:
      return [](std::vector<double> s) { return s; };
    case GLMRegressor::Logit:
      return [](std::vector<double> s) { return EachThrough(Logistic, std::move(s)); };
    case GLMRegressor::Probit:
      return [](std::vector<double> s) { return EachThrough(NormalDistribution, std::move(s)); };
    default:
      return absl::InvalidArgumentError("an unknown transform");
  }
}

}  // namespace

MadeStage MakeLinearClassifier(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<GLMClassifier>(source));
  NBITS_ASSIGN_OR_RETURN(LinearFunctions functions, FunctionsOf(params));
  ModelDescription model = source.description;
  NBITS_ASSIGN_OR_RETURN(const Transformation transform,
                         ChooseTransformation(params, model.class_labels.size()));
  return MakeVectorStage(std::move(source),
                         [functions = std::move(functions), transform, model = std::move(model)](
                             const std::vector<double>& x) -> absl::StatusOr<FeatureMap> {
                           NBITS_ASSIGN_OR_RETURN(std::vector<double> sums, functions(x));
                           return ClassOutputs(model, transform(std::move(sums)));
                         });
}

MadeStage MakeLinearRegressor(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<GLMRegressor>(source));
  NBITS_ASSIGN_OR_RETURN(LinearFunctions functions, FunctionsOf(params));
  NBITS_ASSIGN_OR_RETURN(const Transformation transform, ChooseTransformation(params));
  NBITS_ASSIGN_OR_RETURN(const std::string output, PredictedOutput(source.description));
  return MakeVectorStage(
      std::move(source),
      [functions = std::move(functions), transform,
       output](const std::vector<double>& x) -> absl::StatusOr<FeatureMap> {
        NBITS_ASSIGN_OR_RETURN(std::vector<double> sums, functions(x));
        const int64_t count = static_cast<int64_t>(sums.size());
        return FeatureMap{{output, DoubleArray{{count}, transform(std::move(sums))}}};
      });
}

}  // namespace nbits

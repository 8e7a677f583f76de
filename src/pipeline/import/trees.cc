// SPDX-License-Identifier: Apache-2.0
#include "pipeline/trees.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/wire/wire_reader.h"
#include "pipeline/classifier.h"
#include "pipeline/import/transform.h"
#include "pipeline/transforms.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

using schema::TreeEnsembleParameters;

constexpr uint32_t kEnsemble = 1, kNodes = 1;  // Fields of TreeEnsemble and of its parameters.
constexpr uint64_t kMostDimensions = 1 << 20;
constexpr uint64_t kMostFeatures = 1 << 30;

ByteSpan Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

absl::Status Damaged() { return absl::InvalidArgumentError("the trees cannot be read"); }

absl::StatusOr<TreeNode> NodeOf(const TreeEnsembleParameters::TreeNode& read) {
  if (read.branchfeatureindex() >= kMostFeatures ||
      !TreeEnsembleParameters::TreeNode::TreeNodeBehavior_IsValid(read.nodebehavior())) {
    return absl::InvalidArgumentError(absl::StrCat("tree ", read.treeid(), ", node ", read.nodeid(),
                                                   ": an unknown kind of node, or a feature "
                                                   "beyond all"));
  }
  TreeNode node;
  node.tree = read.treeid();
  node.id = read.nodeid();
  node.branch = static_cast<Branch>(read.nodebehavior());
  node.missing_goes_to_true = read.missingvaluetrackstruechild();
  node.feature = static_cast<uint32_t>(read.branchfeatureindex());
  node.value = read.branchfeaturevalue();
  node.true_id = read.truechildnodeid();
  node.false_id = read.falsechildnodeid();
  return node;
}

absl::Status AddNode(ByteSpan bytes, Trees& trees) {
  TreeEnsembleParameters::TreeNode read;
  if (!ParseQuietly(bytes, read)) return Damaged();
  NBITS_ASSIGN_OR_RETURN(TreeNode node, NodeOf(read));
  node.first_addition = trees.additions.size();
  node.additions = static_cast<size_t>(read.evaluationinfo_size());
  for (const auto& info : read.evaluationinfo()) {
    const uint64_t dimension = std::min<uint64_t>(info.evaluationindex(), kMostDimensions);
    trees.additions.emplace_back(static_cast<uint32_t>(dimension), info.evaluationvalue());
  }
  trees.nodes.push_back(node);
  return absl::OkStatus();
}

// Node by node: the classes of all at once would take ten times the file's bytes.
absl::Status AddParameters(ByteSpan bytes, Trees& trees, std::string& rest) {
  WireReader reader(bytes);
  while (!reader.done()) {
    WireField field;
    NBITS_RETURN_IF_ERROR(reader.Next(field));
    if (field.number == kNodes && field.type == WireType::kLengthDelimited) {
      NBITS_RETURN_IF_ERROR(AddNode(field.payload, trees));
    } else {
      rest.append(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    }
  }
  return absl::OkStatus();
}

absl::Status SetBase(const TreeEnsembleParameters& params, Trees& trees) {
  const uint64_t dimensions = params.numpredictiondimensions();
  if (dimensions == 0 || dimensions > kMostDimensions) {
    return absl::InvalidArgumentError(absl::StrCat("a prediction of ", dimensions, " dimensions"));
  }
  trees.base.assign(params.basepredictionvalue().begin(), params.basepredictionvalue().end());
  if (trees.base.empty()) trees.base.resize(dimensions);
  if (trees.base.size() == dimensions) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(trees.base.size(), " base values for ", dimensions, " dimensions"));
}

struct Ensemble {
  Trees trees;
  schema::TreeEnsemblePostEvaluationTransform transform;
};

absl::StatusOr<Ensemble> ReadEnsemble(ByteSpan content) {
  Ensemble ensemble;
  std::string outer, inner;
  WireReader reader(content);
  while (!reader.done()) {
    WireField field;
    NBITS_RETURN_IF_ERROR(reader.Next(field));
    if (field.number == kEnsemble && field.type == WireType::kLengthDelimited) {
      NBITS_RETURN_IF_ERROR(AddParameters(field.payload, ensemble.trees, inner));
    } else if (field.number == 2) {
      outer.append(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    }
  }
  schema::TreeEnsemble read;
  TreeEnsembleParameters params;
  if (!ParseQuietly(Bytes(outer), read) || !ParseQuietly(Bytes(inner), params)) return Damaged();
  ensemble.transform = read.postevaluationtransform();
  NBITS_RETURN_IF_ERROR(SetBase(params, ensemble.trees));
  NBITS_RETURN_IF_ERROR(ensemble.trees.Link());
  return ensemble;
}

std::vector<double> EachLogistic(std::vector<double> sums) {
  for (double& sum : sums) sum = Logistic(sum);
  return sums;
}

using Transformation = std::vector<double> (*)(std::vector<double> sums);

absl::StatusOr<Transformation> RegressorTransformation(const Ensemble& ensemble) {
  switch (ensemble.transform) {
    case schema::NoTransform:
      return [](std::vector<double> sums) { return sums; };
    case schema::Classification_SoftMax:
      return Softmax;
    case schema::Regression_Logistic:
      return EachLogistic;
    case schema::Classification_SoftMaxWithZeroClassReference:
      return SoftmaxAgainstFirst;
    default:
      return absl::InvalidArgumentError("an unknown transform");
  }
}

// One sum for two classes is about the second.
absl::StatusOr<Transformation> OneSum(const Ensemble& ensemble) {
  // Against a sum of 0 it is the logistic function.
  if (ensemble.transform != schema::NoTransform) return SoftmaxAgainstFirst;
  return [](std::vector<double> sums) { return std::vector<double>{1 - sums[0], sums[0]}; };
}

absl::StatusOr<Transformation> ClassifierTransformation(const Ensemble& ensemble, size_t classes) {
  const size_t dimensions = ensemble.trees.base.size();
  NBITS_ASSIGN_OR_RETURN(const Transformation transform, RegressorTransformation(ensemble));
  if (dimensions == 1 && classes == 2) return OneSum(ensemble);
  const bool zero_class =
      ensemble.transform == schema::Classification_SoftMaxWithZeroClassReference;
  if (dimensions + (zero_class ? 1 : 0) != classes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a prediction of ", dimensions, " dimensions for ", classes, " classes"));
  }
  if (ensemble.transform != schema::Regression_Logistic) return transform;
  return [](std::vector<double> sums) { return Shares(EachLogistic(std::move(sums))); };
}

// Of two that are equally probable by one sum, converters expect the second to win.
absl::StatusOr<FeatureMap> Classify(const ModelDescription& model, size_t dimensions,
                                    const std::vector<double>& probabilities) {
  if (dimensions > 1 || probabilities.size() != 2) return ClassOutputs(model, probabilities);
  return ClassOutputs(model, probabilities, probabilities[1] >= probabilities[0] ? 1 : 0);
}

}  // namespace

MadeStage MakeTreeClassifier(Source source) {
  NBITS_ASSIGN_OR_RETURN(Ensemble ensemble, ReadEnsemble(source.content));
  ModelDescription model = source.description;
  NBITS_ASSIGN_OR_RETURN(const Transformation transform,
                         ClassifierTransformation(ensemble, model.class_labels.size()));
  return MakeVectorStage(std::move(source),
                         [trees = std::move(ensemble.trees), transform, model = std::move(model)](
                             const std::vector<double>& x) -> absl::StatusOr<FeatureMap> {
                           NBITS_ASSIGN_OR_RETURN(std::vector<double> sums, trees.Evaluate(x));
                           const size_t dimensions = sums.size();
                           return Classify(model, dimensions, transform(std::move(sums)));
                         });
}

MadeStage MakeTreeRegressor(Source source) {
  NBITS_ASSIGN_OR_RETURN(Ensemble ensemble, ReadEnsemble(source.content));
  NBITS_ASSIGN_OR_RETURN(const Transformation transform, RegressorTransformation(ensemble));
  NBITS_ASSIGN_OR_RETURN(const std::string output, PredictedOutput(source.description));
  return MakeVectorStage(std::move(source),
                         [trees = std::move(ensemble.trees), transform,
                          output](const std::vector<double>& x) -> absl::StatusOr<FeatureMap> {
                           NBITS_ASSIGN_OR_RETURN(std::vector<double> sums, trees.Evaluate(x));
                           std::vector<double> values = transform(std::move(sums));
                           const int64_t count = static_cast<int64_t>(values.size());
                           return FeatureMap{{output, DoubleArray{{count}, std::move(values)}}};
                         });
}

}  // namespace nbits

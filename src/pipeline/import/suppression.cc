// SPDX-License-Identifier: Apache-2.0
#include "pipeline/suppression.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "data/shape.h"
#include "pipeline/import/kinds.h"
#include "pipeline/values.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

constexpr int64_t kMostValues = 1 << 24;  // Of an output that is filled up with zeros.

// How many boxes an output may hold.
struct RowBounds {
  int64_t least = 0, most = std::numeric_limits<int64_t>::max();
};

void Narrow(const FeatureDescription& output, RowBounds& bounds) {
  int64_t least = 0, most = -1;
  if (!output.shape_range.empty()) {
    least = output.shape_range[0].first;
    most = output.shape_range[0].second;
  } else if (output.shape.size() == 2) {
    least = most = output.shape[0];
  }
  bounds.least = std::max(bounds.least, least);
  if (most >= 0) bounds.most = std::min(bounds.most, most);
}

// The tensor as rows of `columns` values, or of as many as give `rows` rows when `columns` is 0.
absl::StatusOr<int64_t> Columns(const Tensor& tensor, const std::string& name, int64_t rows,
                                int64_t columns) {
  const int64_t size = static_cast<int64_t>(tensor.values.size());
  const Shape shape = tensor.shape.size() == 2 ? tensor.shape : WithoutOnes(tensor.shape);
  if (columns == 0) columns = rows > 0 ? size / rows : (shape.size() == 2 ? shape[1] : 1);
  const bool fits = shape.size() == 2 ? shape[1] == columns : shape.size() < 2;
  if (fits && columns > 0 && size % columns == 0 && (rows < 0 || size / columns == rows)) {
    return columns;
  }
  return absl::InvalidArgumentError(absl::StrCat("input '", name, "' is ", KindText(tensor),
                                                 "; a row of ", rows < 0 ? "4" : "confidences",
                                                 " for each box is needed"));
}

class Suppression : public Stage {
 public:
  Suppression(schema::NonMaximumSuppression params, ModelDescription description)
      : params_(std::move(params)), description_(std::move(description)) {
    for (const FeatureDescription& output : description_.outputs) Narrow(output, bounds_);
  }

  absl::StatusOr<FeatureMap> Run(const Scope& scope, std::vector<LayerProfile>*) const override {
    NBITS_ASSIGN_OR_RETURN(const Tensor boxes, Input(scope, params_.coordinatesinputfeaturename()));
    NBITS_ASSIGN_OR_RETURN(const Tensor confidences,
                           Input(scope, params_.confidenceinputfeaturename()));
    NBITS_RETURN_IF_ERROR(Columns(boxes, params_.coordinatesinputfeaturename(), -1, 4).status());
    const int64_t count = static_cast<int64_t>(boxes.values.size()) / 4;
    NBITS_ASSIGN_OR_RETURN(const int64_t classes,
                           Columns(confidences, params_.confidenceinputfeaturename(), count, 0));
    NBITS_RETURN_IF_ERROR(CheckLabels(classes));
    NBITS_ASSIGN_OR_RETURN(const SuppressionRule rule, RuleFrom(scope));
    NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> kept,
                           Suppress(rule, boxes.values, confidences.values, classes, bounds_.most));
    FeatureMap outputs;
    NBITS_ASSIGN_OR_RETURN(outputs[params_.coordinatesoutputfeaturename()], Rows(boxes, 4, kept));
    NBITS_ASSIGN_OR_RETURN(outputs[params_.confidenceoutputfeaturename()],
                           Rows(confidences, classes, kept));
    return outputs;
  }

 private:
  static absl::StatusOr<Tensor> Input(const Scope& scope, const std::string& name) {
    const FeatureValue* value = scope.Find(name);
    if (value != nullptr) return ToTensor(*value);
    return absl::InvalidArgumentError(absl::StrCat("input '", name, "' is missing"));
  }

  absl::Status CheckLabels(int64_t classes) const {
    const size_t labels = description_.class_labels.size();
    if (labels == 0 || static_cast<int64_t>(labels) == classes) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(classes, " confidences a box for ", labels, " class labels"));
  }

  // The model's threshold, or the one that came in under `name`.
  static absl::StatusOr<double> Threshold(const Scope& scope, const std::string& name, double own) {
    const FeatureValue* value = name.empty() ? nullptr : scope.Find(name);
    if (value == nullptr) return own;
    NBITS_ASSIGN_OR_RETURN(const double given, ToNumber(*value));
    if (given >= 0) return given;
    return absl::InvalidArgumentError(
        absl::StrCat("input '", name, "' is ", given, "; a threshold of 0 or more is needed"));
  }

  absl::StatusOr<SuppressionRule> RuleFrom(const Scope& scope) const {
    SuppressionRule rule{params_.picktop().perclass(), 0, 0};
    NBITS_ASSIGN_OR_RETURN(
        rule.iou_threshold,
        Threshold(scope, params_.iouthresholdinputfeaturename(), params_.iouthreshold()));
    NBITS_ASSIGN_OR_RETURN(rule.confidence_threshold,
                           Threshold(scope, params_.confidencethresholdinputfeaturename(),
                                     params_.confidencethreshold()));
    return rule;
  }

  // The rows that remain, and zeros up to the least number of them.
  absl::StatusOr<Tensor> Rows(const Tensor& from, int64_t columns,
                              const std::vector<int64_t>& kept) const {
    const int64_t rows = std::max(bounds_.least, static_cast<int64_t>(kept.size()));
    if (rows > kMostValues / columns) {
      return absl::InvalidArgumentError(absl::StrCat("an output of ", rows, " boxes is too large"));
    }
    Tensor tensor{{rows, columns}, {}};
    tensor.values.resize(static_cast<size_t>(rows * columns));
    float* to = tensor.values.data();
    for (const int64_t row : kept) to = std::copy_n(&from.values[row * columns], columns, to);
    return tensor;
  }

  schema::NonMaximumSuppression params_;
  ModelDescription description_;
  RowBounds bounds_;
};

}  // namespace

MadeStage MakeSuppression(Source source) {
  NBITS_ASSIGN_OR_RETURN(auto params, ParseContent<schema::NonMaximumSuppression>(source));
  if (!(params.iouthreshold() >= 0 && params.iouthreshold() <= 1)) {
    return absl::InvalidArgumentError("iouThreshold is not between 0 and 1");
  }
  if (!(params.confidencethreshold() >= 0)) {
    return absl::InvalidArgumentError("confidenceThreshold is below 0");
  }
  return std::make_unique<Suppression>(std::move(params), std::move(source.description));
}

}  // namespace nbits

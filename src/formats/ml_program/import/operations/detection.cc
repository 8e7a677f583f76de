// SPDX-License-Identifier: Apache-2.0
// Imports what stands at the end of detectors and classifiers.
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

// Opset iOS17 has the boxes along the last axis.
absl::StatusOr<TensorId> BoxesInRows(const Operation& op, const std::string& argument) {
  NBITS_ASSIGN_OR_RETURN(const TensorId value, op.Input(argument));
  if (op.opset() < kIos17) return value;
  return op.builder.AddOne(Transpose{{0, 2, 1}}, {value});
}

absl::Status ImportSuppression(Operation& op) {
  NonMaximumSuppression suppression;
  NBITS_ASSIGN_OR_RETURN(suppression.overlap_threshold, op.Float("iou_threshold"));
  NBITS_ASSIGN_OR_RETURN(suppression.score_threshold,
                         op.Float("score_threshold", -std::numeric_limits<float>::infinity()));
  NBITS_ASSIGN_OR_RETURN(suppression.max_boxes, op.Integer("max_boxes"));
  NBITS_ASSIGN_OR_RETURN(suppression.per_class, op.Flag("per_class_suppression", false));
  NBITS_ASSIGN_OR_RETURN(const TensorId boxes, BoxesInRows(op, "boxes"));
  NBITS_ASSIGN_OR_RETURN(const TensorId scores, BoxesInRows(op, "scores"));
  NBITS_ASSIGN_OR_RETURN(std::vector<TensorId> outputs,
                         op.builder.Add(suppression, {boxes, scores}));
  for (size_t i = 0; op.opset() >= kIos17 && i < 2; ++i) {
    NBITS_ASSIGN_OR_RETURN(outputs[i], op.builder.AddOne(Transpose{{0, 2, 1}}, {outputs[i]}));
  }
  return op.Finish(outputs);
}

// The label and the dictionary of probabilities follow from the probabilities, which take the name
// of the dictionary.
absl::Status ImportClassify(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId probabilities, op.Input("probabilities"));
  for (const auto& output : op.proto.outputs()) op.builder.Bind(output.name(), probabilities);
  return absl::OkStatus();
}

}  // namespace

std::span<const OperationKind> DetectionOperations() {
  static constexpr OperationKind kKinds[] = {
      {"classify", ImportClassify},
      {"non_maximum_suppression", ImportSuppression},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

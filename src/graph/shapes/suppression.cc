// SPDX-License-Identifier: Apache-2.0
// Shapes of non-maximum suppression.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {

absl::StatusOr<Shapes> Infer(const Graph&, const NonMaximumSuppression& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(
      CheckInputCount(inputs, 2 + (op.overlap_input ? 1 : 0) + (op.score_input ? 1 : 0)));
  const Shape& boxes = inputs[0];
  const Shape& scores = inputs[1];
  if (boxes.size() != 3 || scores.size() != 3 || boxes[2] != 4 || boxes[0] != scores[0] ||
      boxes[1] != scores[1]) {
    return absl::InvalidArgumentError(absl::StrCat("boxes of shape ", ShapeText(boxes),
                                                   " and scores of shape ", ShapeText(scores)));
  }
  for (const Shape& threshold : inputs.subspan(2)) {
    if (Product(threshold) != 1) return absl::InvalidArgumentError("threshold of several values");
  }
  const int64_t batch = boxes[0];
  return Shapes{
      {batch, op.max_boxes, 4}, {batch, op.max_boxes, scores[2]}, {batch, op.max_boxes}, {batch}};
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
#include "graph/shapes/shapes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits::graph {

absl::StatusOr<Shapes> InferShapes(const Graph& graph, const Op& op,
                                   std::span<const Shape> inputs) {
  NBITS_ASSIGN_OR_RETURN(
      Shapes shapes,
      std::visit([&](const auto& typed) { return Infer(graph, typed, inputs); }, op));
  for (const Shape& shape : shapes) {
    NBITS_RETURN_IF_ERROR(CheckedElementCount(shape).status());
  }
  return shapes;
}

absl::StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (size_t i = 1; i <= result.size(); ++i) {
    const int64_t extent_a = i <= a.size() ? a[a.size() - i] : 1;
    const int64_t extent_b = i <= b.size() ? b[b.size() - i] : 1;
    if (extent_a != extent_b && extent_a != 1 && extent_b != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("shapes ", ShapeText(a), " and ", ShapeText(b), " do not broadcast"));
    }
    result[result.size() - i] = std::max(extent_a, extent_b);
  }
  return result;
}

absl::StatusOr<int> ResolveAxis(int64_t axis, size_t rank) {
  const int64_t signed_rank = static_cast<int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    return absl::InvalidArgumentError(absl::StrCat("axis ", axis, " of a rank-", rank, " tensor"));
  }
  return static_cast<int>(axis < 0 ? axis + signed_rank : axis);
}

absl::Status CheckInputCount(std::span<const Shape> inputs, size_t expected) {
  if (inputs.size() == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(inputs.size(), " inputs (expected ", expected, ")"));
}

absl::Status CheckRank(const Shape& shape, size_t lowest) {
  if (shape.size() >= lowest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("input of shape ", ShapeText(shape), " (expected rank ", lowest, " or more)"));
}

absl::Status CheckWeight(const Graph& graph, WeightId weight, const Shape& shape) {
  if (weight < 0 || static_cast<size_t>(weight) >= graph.weights.size()) {
    return absl::InvalidArgumentError("weights are missing");
  }
  if (graph.weights[weight].shape == shape) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("weights of shape ",
                                                 ShapeText(graph.weights[weight].shape),
                                                 " (expected ", ShapeText(shape), ")"));
}

absl::Status CheckLength(const std::vector<float>& values, int64_t a, int64_t b, const char* what) {
  const int64_t length = static_cast<int64_t>(values.size());
  if (length == 0 || length == a || length == b) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(length, " values of ", what, " (expected ", a, ")"));
}

}  // namespace nbits::graph

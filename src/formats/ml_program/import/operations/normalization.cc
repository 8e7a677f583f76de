// SPDX-License-Identifier: Apache-2.0
// Imports normalisation.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

// Inputs of channels at axis 1, with as many axes behind as the kernels want: two, the planes.
absl::StatusOr<TensorId> AsPlanes(const Operation& op, TensorId x) {
  const Shape shape = op.builder.ShapeOf(x);
  if (shape.size() < 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("input of shape ", ShapeText(shape), " (expected rank 3 or more)"));
  }
  return op.Reshaped(x, {shape[0], shape[1], shape[2], Product(shape, 3, shape.size())});
}

absl::Status FinishPlanes(const Operation& op, const Op& planes) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId y, AsPlanes(op, x));
  NBITS_ASSIGN_OR_RETURN(y, op.builder.AddOne(planes, {y}));
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, op.builder.ShapeOf(x)));
  return op.Finish({y});
}

absl::StatusOr<int64_t> ChannelsOf(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  if (shape.size() >= 3) return shape[1];
  return absl::InvalidArgumentError(
      absl::StrCat("input of shape ", ShapeText(shape), " (expected rank 3 or more)"));
}

absl::Status ImportBatchNorm(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t channels, ChannelsOf(op));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> mean, op.Vector("mean", channels, 0));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> variance, op.Vector("variance", channels, 1));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> gamma, op.Vector("gamma", channels, 1));
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> beta, op.Vector("beta", channels, 0));
  NBITS_ASSIGN_OR_RETURN(const float epsilon, op.Float("epsilon", 1e-5f));
  ChannelAffine affine;
  for (size_t c = 0; c < mean.size(); ++c) {
    const double scale = gamma[c] / std::sqrt(double{variance[c]} + epsilon);
    affine.scale.push_back(static_cast<float>(scale));
    affine.offset.push_back(static_cast<float>(beta[c] - scale * mean[c]));
  }
  return FinishPlanes(op, affine);
}

absl::Status ImportInstanceNorm(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t channels, ChannelsOf(op));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> gamma, op.Vector("gamma", channels, 1));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> beta, op.Vector("beta", channels, 0));
  NBITS_ASSIGN_OR_RETURN(const float epsilon, op.Float("epsilon", 1e-5f));
  return FinishPlanes(op, Normalize{2, true, epsilon, Normalize::Affine::kChannel, std::move(gamma),
                                    std::move(beta)});
}

absl::StatusOr<std::vector<int>> DistinctAxes(const Operation& op, size_t rank) {
  NBITS_ASSIGN_OR_RETURN(std::vector<int> axes, op.Axes(rank));
  if (std::adjacent_find(axes.begin(), axes.end()) == axes.end()) return axes;
  return absl::InvalidArgumentError("axes repeat");
}

// The normalised axes moved to the end, in their order.
std::vector<int> WithLast(const std::vector<int>& axes, size_t rank) {
  std::vector<int> order;
  for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
    if (!std::binary_search(axes.begin(), axes.end(), axis)) order.push_back(axis);
  }
  order.insert(order.end(), axes.begin(), axes.end());
  return order;
}

std::vector<int> InverseOf(const std::vector<int>& order) {
  std::vector<int> inverse(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    inverse[static_cast<size_t>(order[i])] = static_cast<int>(i);
  return inverse;
}

absl::Status ImportLayerNorm(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  const Shape shape = op.builder.ShapeOf(x);
  NBITS_ASSIGN_OR_RETURN(const std::vector<int> axes, DistinctAxes(op, shape.size()));
  if (axes.empty()) return absl::InvalidArgumentError("no axes");
  int64_t length = 1;
  for (const int axis : axes) length *= shape[static_cast<size_t>(axis)];
  NBITS_ASSIGN_OR_RETURN(const float epsilon, op.Float("epsilon", 1e-5f));
  Normalize normalize{static_cast<int>(shape.size() - axes.size()),
                      true,
                      epsilon,
                      Normalize::Affine::kNone,
                      {},
                      {}};
  if (op.Has("gamma") || op.Has("beta")) {
    normalize.affine = Normalize::Affine::kElement;
    NBITS_ASSIGN_OR_RETURN(normalize.scale, op.Vector("gamma", length, 1));
    NBITS_ASSIGN_OR_RETURN(normalize.offset, op.Vector("beta", length, 0));
  }
  const std::vector<int> order = WithLast(axes, shape.size());
  if (std::is_sorted(order.begin(), order.end())) return op.Finish(std::move(normalize), {x});
  NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Transpose{order}, {x}));
  NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(std::move(normalize), {x}));
  return op.Finish(Transpose{InverseOf(order)}, {x});
}

// Over the last three axes.
absl::Status ImportL2Norm(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const float epsilon, op.Float("epsilon", 1e-6f));
  return op.FinishOn(L2Normalize{epsilon});
}

absl::Status ImportLocalResponseNorm(Operation& op) {
  LocalResponse response;
  NBITS_ASSIGN_OR_RETURN(response.size, op.Integer("size"));
  NBITS_ASSIGN_OR_RETURN(response.alpha, op.Float("alpha", 1e-4f));
  NBITS_ASSIGN_OR_RETURN(response.beta, op.Float("beta", 0.75f));
  NBITS_ASSIGN_OR_RETURN(response.k, op.Float("k", 1.0f));
  return FinishPlanes(op, response);
}

}  // namespace

std::span<const OperationKind> NormalizationOperations() {
  static constexpr OperationKind kKinds[] = {
      {"batch_norm", ImportBatchNorm},
      {"instance_norm", ImportInstanceNorm},
      {"l2_norm", ImportL2Norm},
      {"layer_norm", ImportLayerNorm},
      {"local_response_norm", ImportLocalResponseNorm},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

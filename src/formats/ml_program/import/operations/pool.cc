// SPDX-License-Identifier: Apache-2.0
// Imports pools in one, two and three dimensions.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "formats/ml_program/import/operations/window.h"

namespace nbits::graph::program {
namespace {

absl::StatusOr<TensorId> AddPool(const Operation& op, const Windows& windows, PoolFunction function,
                                 bool exclude_padding, TensorId x) {
  if (windows.axes.size() < 3) {
    return op.builder.AddOne(
        Pool{function, PlaneOf(windows), PlaneOutputOf(windows), exclude_padding}, {x});
  }
  if (function == PoolFunction::kL2) return absl::InvalidArgumentError("an input of rank 5");
  return op.builder.AddOne(Pool3d{function == PoolFunction::kMaximum, VolumeOf(windows),
                                  VolumeOutputOf(windows), exclude_padding},
                           {x});
}

absl::Status ImportPool(Operation& op, PoolFunction function) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> kernel, op.Integers("kernel_sizes"));
  NBITS_ASSIGN_OR_RETURN(Windows windows, ReadWindows(op, kernel, false, nullptr));
  NBITS_ASSIGN_OR_RETURN(const bool round_up, op.Flag("ceil_mode", false));
  NBITS_ASSIGN_OR_RETURN(const bool exclude, op.Flag("exclude_padding_from_average", false));
  NBITS_RETURN_IF_ERROR(Place(windows, round_up));
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  Shape result = op.builder.ShapeOf(x);
  std::copy(windows.output.begin(), windows.output.end(), result.begin() + 2);
  NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, WithPlane(op.builder.ShapeOf(x))));
  NBITS_ASSIGN_OR_RETURN(TensorId y, AddPool(op, windows, function, exclude, x));
  NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, std::move(result)));
  return op.Finish({y});
}

absl::Status ImportAveragePool(Operation& op) { return ImportPool(op, PoolFunction::kAverage); }
absl::Status ImportMaximumPool(Operation& op) { return ImportPool(op, PoolFunction::kMaximum); }
absl::Status ImportL2Pool(Operation& op) { return ImportPool(op, PoolFunction::kL2); }

}  // namespace

std::span<const OperationKind> PoolOperations() {
  static constexpr OperationKind kKinds[] = {
      {"avg_pool", ImportAveragePool},
      {"l2_pool", ImportL2Pool},
      {"max_pool", ImportMaximumPool},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

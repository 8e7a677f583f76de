// SPDX-License-Identifier: Apache-2.0
// Imports operations that put values in by index.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

struct ModeName {
  absl::string_view name;
  ScatterMode mode;
};
constexpr auto kModeNames = std::to_array<ModeName>({{"update", ScatterMode::kUpdate},
                                                     {"add", ScatterMode::kAdd},
                                                     {"sub", ScatterMode::kSubtract},
                                                     {"mul", ScatterMode::kMultiply},
                                                     {"div", ScatterMode::kDivide},
                                                     {"max", ScatterMode::kMaximum},
                                                     {"min", ScatterMode::kMinimum}});

absl::StatusOr<ScatterMode> ModeOf(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const std::string text, op.Text("mode", "add"));
  for (const ModeName& each : kModeNames) {
    if (each.name == text) return each.mode;
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown mode '", text, "'"));
}

absl::Status FinishScatter(const Operation& op, Op scatter) {
  NBITS_ASSIGN_OR_RETURN(const TensorId data, op.Input("data"));
  NBITS_ASSIGN_OR_RETURN(const TensorId indices, op.Input("indices"));
  NBITS_ASSIGN_OR_RETURN(const TensorId updates, op.Input("updates"));
  return op.Finish(std::move(scatter), {data, indices, updates});
}

absl::StatusOr<int> ScatterAxis(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis", int64_t{0}));
  return op.Axis(stated, "data");
}

absl::Status ImportScatter(Operation& op) {
  Scatter scatter;
  NBITS_ASSIGN_OR_RETURN(scatter.axis, ScatterAxis(op));
  NBITS_ASSIGN_OR_RETURN(scatter.mode, ModeOf(op));
  return FinishScatter(op, scatter);
}

absl::Status ImportScatterAlongAxis(Operation& op) {
  ScatterAlongAxis scatter;
  NBITS_ASSIGN_OR_RETURN(scatter.axis, ScatterAxis(op));
  NBITS_ASSIGN_OR_RETURN(scatter.mode, ModeOf(op));
  return FinishScatter(op, scatter);
}

absl::Status ImportScatterNd(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const ScatterMode mode, ModeOf(op));
  return FinishScatter(op, ScatterNd{mode});
}

}  // namespace

std::span<const OperationKind> ScatterOperations() {
  static constexpr OperationKind kKinds[] = {
      {"scatter", ImportScatter},
      {"scatter_along_axis", ImportScatterAlongAxis},
      {"scatter_nd", ImportScatterNd},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

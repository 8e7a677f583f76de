// SPDX-License-Identifier: Apache-2.0
// Shapes of random values.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {

absl::StatusOr<Shapes> Infer(const Graph&, const Random& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 0));
  return Shapes{op.shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Categorical& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 1));
  if (!(op.temperature > 0) || !std::isfinite(op.temperature)) {
    return absl::InvalidArgumentError(absl::StrCat("temperature ", op.temperature));
  }
  Shape shape = inputs[0];
  shape.back() = op.samples;
  return Shapes{shape};
}

}  // namespace nbits::graph

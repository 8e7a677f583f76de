// SPDX-License-Identifier: Apache-2.0
#include "graph/shapes/indices.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {

absl::StatusOr<Shape> ShapeOfSlices(const Shape& table, int64_t axis, const Shape& indices) {
  Shape shape = table;
  NBITS_ASSIGN_OR_RETURN(const int place, ResolveAxis(axis, shape.size()));
  shape.erase(shape.begin() + place);
  shape.insert(shape.begin() + place, indices.begin(), indices.end());
  return shape;
}

absl::StatusOr<Shape> ShapeAlongAxis(const Shape& table, int64_t axis, const Shape& indices) {
  Shape shape = table;
  NBITS_ASSIGN_OR_RETURN(const int place, ResolveAxis(axis, shape.size()));
  if (indices.size() == shape.size()) shape[place] = indices[place];
  if (indices == shape) return shape;
  return absl::InvalidArgumentError(
      absl::StrCat("indices of shape ", ShapeText(indices), " into ", ShapeText(table)));
}

absl::StatusOr<Shape> ShapeOfPlaces(const Shape& table, const Shape& indices) {
  NBITS_RETURN_IF_ERROR(CheckRank(indices, 1));
  const int64_t depth = indices.back();
  if (depth > static_cast<int64_t>(table.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("indices of ", depth, " numbers into shape ", ShapeText(table)));
  }
  Shape shape(indices.begin(), indices.end() - 1);
  shape.insert(shape.end(), table.begin() + depth, table.end());
  return shape;
}

}  // namespace nbits::graph

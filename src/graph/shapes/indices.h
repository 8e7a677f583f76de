// SPDX-License-Identifier: Apache-2.0
// Shapes of what indices name in a table: the same for looking up and for putting in.
#ifndef NBITS_GRAPH_SHAPES_INDICES_H_
#define NBITS_GRAPH_SHAPES_INDICES_H_

#include "absl/status/statusor.h"
#include "nbits/tensor.h"

namespace nbits::graph {

// One index names a whole slice: the table's shape with the indices' shape in place of `axis`.
// InvalidArgument for an axis that the table does not have.
absl::StatusOr<Shape> ShapeOfSlices(const Shape& table, int64_t axis, const Shape& indices);

// One index names one value, along `axis`: the indices' shape. InvalidArgument when it is not the
// table's in every other axis.
absl::StatusOr<Shape> ShapeAlongAxis(const Shape& table, int64_t axis, const Shape& indices);

// `depth` numbers, the last axis of [..., depth], name a slice of the remaining axes.
// InvalidArgument for more numbers than the table has axes.
absl::StatusOr<Shape> ShapeOfPlaces(const Shape& table, const Shape& indices);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_SHAPES_INDICES_H_

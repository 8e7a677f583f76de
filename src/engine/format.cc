// SPDX-License-Identifier: Apache-2.0
#include "engine/format.h"

#include "graph/graph.h"

namespace nbits {

ImageExtents ImageExtentsOf(const Shape& shape) {
  const size_t rank = shape.size();
  const auto from_end = [&](size_t axis) { return axis <= rank ? shape[rank - axis] : 1; };
  const int64_t batch = rank > 3 ? graph::Product(shape, 0, rank - 3) : 1;
  return {batch, from_end(3), from_end(2), from_end(1)};
}

bool CanBeBlocked(const Shape& shape) { return shape.size() >= 3; }

int64_t StoredElements(const Shape& shape, Layout layout) {
  if (layout == Layout::kPlanar) return graph::Product(shape);
  const ImageExtents extents = ImageExtentsOf(shape);
  return extents.batch * extents.blocked_elements();
}

int64_t StoredBytes(const Shape& shape, const Format& format) {
  return StoredElements(shape, format.layout) * ElementBytes(format.element);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Values put into a container by index.
#ifndef NBITS_GRAPH_OPS_SCATTER_H_
#define NBITS_GRAPH_OPS_SCATTER_H_

#include <cstdint>

namespace nbits::graph {

// Inputs (container, indices, updates): the container with the updates put in, one after the other.
// Negative indices count from the end; updates of indices outside the container are dropped.
enum class ScatterMode : uint8_t {
  kUpdate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kMaximum,
  kMinimum,
};
struct Scatter {  // updates: the container's shape with the indices' shape in place of the axis.
  int axis = 0;
  ScatterMode mode = ScatterMode::kUpdate;
};
struct ScatterAlongAxis {  // updates and indices: the container's shape but for the axis.
  int axis = 0;
  ScatterMode mode = ScatterMode::kUpdate;
};
struct ScatterNd {  // indices [..., depth] into the first `depth` axes.
  ScatterMode mode = ScatterMode::kUpdate;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_SCATTER_H_

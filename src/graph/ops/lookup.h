// SPDX-License-Identifier: Apache-2.0
// Values looked up by index. Indices outside the table are moved to its nearest end.
#ifndef NBITS_GRAPH_OPS_LOOKUP_H_
#define NBITS_GRAPH_OPS_LOOKUP_H_

#include <cstdint>
#include <vector>

#include "graph/ops/common.h"
#include "nbits/tensor.h"

namespace nbits::graph {

struct Embedding {  // Weights [channels, dictionary]; one index, `channels` values.
  int64_t dictionary = 1, channels = 1;
  WeightId weight = kNoWeight;
  std::vector<float> bias;
  Shape output_shape;
};
struct Gather {
  int axis = 0;
};
struct GatherAlongAxis {
  int axis = 0;
};
struct GatherNd {};
struct OneHot {
  int axis = 0;
  int64_t size = 1;
  float on = 1, off = 0;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_LOOKUP_H_

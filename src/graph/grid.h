// SPDX-License-Identifier: Apache-2.0
// Sampling grids of resizing layers: output index i samples input coordinate start + i * step,
// clamped to [0, input - 1]. Source: SamplingMode in Core ML's NeuralNetwork.proto.
#ifndef NBITS_GRAPH_GRID_H_
#define NBITS_GRAPH_GRID_H_

#include "graph/ops.h"

namespace nbits::graph {

struct Grid {
  double start = 0, step = 0;
};

// `output` points over an input of `input` values; both at least 1.
Grid SamplingGrid(GridMode mode, double input, int64_t output);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_GRID_H_

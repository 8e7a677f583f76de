// SPDX-License-Identifier: Apache-2.0
// Operations that move values.
#ifndef NBITS_GRAPH_OPS_REARRANGE_H_
#define NBITS_GRAPH_OPS_REARRANGE_H_

#include <cstdint>
#include <vector>

#include "nbits/tensor.h"

namespace nbits::graph {

struct Concat {  // Any number of inputs; `stack` joins along a new axis.
  int axis = 0;
  bool stack = false, interleave = false;
};
struct Split {
  int axis = 0;
  std::vector<int64_t> sizes;
};
struct Slice {  // Output index i along an axis reads input begin + i * step; step may be negative.
  std::vector<int64_t> begin, step, count;
};
// Inputs (data, lengths): of every slice along batch_axis, the first `length` entries along
// sequence_axis come in reverse order. Lengths are clamped to the extent.
struct ReverseSequence {
  int batch_axis = 0, sequence_axis = 1;
};
struct Tile {
  std::vector<int64_t> repetitions;
};
struct Transpose {  // Output axis i is input axis order[i].
  std::vector<int> order;
};
struct Reshape {
  Shape shape;
};
enum class PadMode : uint8_t { kConstant, kReflect, kReplicate };
struct Pad {
  PadMode mode = PadMode::kConstant;
  float value = 0;
  std::vector<int64_t> before = {}, after = {};  // Per axis.
};
// The same values stored in another format: put in by the engine, never by an importer.
struct Reformat {};
struct MatrixBand {  // Keeps elements with -lower <= column - row <= upper, others become 0.
  int64_t lower = 0, upper = 0;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_REARRANGE_H_

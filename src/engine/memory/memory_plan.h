// SPDX-License-Identifier: Apache-2.0
// Where every tensor of a graph lives while the graph runs.
#ifndef NBITS_ENGINE_MEMORY_MEMORY_PLAN_H_
#define NBITS_ENGINE_MEMORY_MEMORY_PLAN_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/format.h"
#include "graph/graph.h"

namespace nbits {

// Limit of one run's activations. More comes from damaged or hostile files.
inline constexpr int64_t kMaxArenaBytes = int64_t{1} << 35;

// Whose memory a tensor lives in: the caller's input or result of this index, or (both -1) the
// arena.
struct Placement {
  int input = -1, output = -1;
  int64_t offset = 0;  // Bytes from the start of that memory.
};

// What is in use from node `first` to node `last`, both included (last == number of nodes: to the
// end): a tensor, or the workspace of a node.
struct PlannedBlock {
  graph::TensorId tensor = -1;
  int node = -1;
  int64_t offset = 0, bytes = 0;
  int first = 0, last = 0;
};

struct MemoryPlan {
  std::vector<Placement> tensors;   // By TensorId.
  std::vector<int64_t> workspaces;  // By node: the offset in the arena.
  // By graph output: the first node that writes into the caller's memory; -1: the value lives
  // elsewhere and is copied at the end.
  std::vector<int> output_first;
  int64_t arena_bytes = 0;
  int64_t bound_bytes = 0;           // The most bytes alive at once: no arena can be smaller.
  std::vector<PlannedBlock> blocks;  // All of the arena, for people to look at.
};

// Tensors whose lives do not overlap share memory. Besides
//  * a reshape's output is its input's memory;
//  * an in-place operation, or a convolution that adds, writes over an input that nobody reads
//    later and the caller does not own;
//  * inputs of a concatenation of contiguous parts are written where they belong in its output, one
//    use of each (an input of two concatenations is copied into the second);
//  * a planar output of the network that fills its memory is written into the caller's.
// `formats` is by TensorId (empty: all planar), `workspace_bytes` by node (empty: none).
// ResourceExhausted above kMaxArenaBytes.
absl::StatusOr<MemoryPlan> PlanMemory(const graph::Graph& graph,
                                      std::span<const Format> formats = {},
                                      std::span<const int64_t> workspace_bytes = {});

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_MEMORY_PLAN_H_

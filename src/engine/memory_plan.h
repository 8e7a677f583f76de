// Where every tensor of a graph lives while the graph runs.
#ifndef NBITS_ENGINE_MEMORY_PLAN_H_
#define NBITS_ENGINE_MEMORY_PLAN_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/format.h"
#include "graph/graph.h"

namespace nbits {

// Limit of one run's activations. More comes from damaged or hostile files.
inline constexpr int64_t kMaxArenaBytes = int64_t{1} << 35;

struct Placement {
  int input = -1;      // Index of the graph input whose memory (the caller's) it is, or:
  int64_t offset = 0;  // bytes from the arena's start.
};

struct MemoryPlan {
  std::vector<Placement> tensors;  // By TensorId.
  int64_t arena_bytes = 0;
};

// Tensors whose lives do not overlap share memory: each is given the lowest gap that is free from
// its first writer to its last reader. A reshape's output is its input's memory; so is an in-place
// operation's when nobody reads the input later and the caller does not own it.
// `formats` is by TensorId; empty: all planar. ResourceExhausted above kMaxArenaBytes.
absl::StatusOr<MemoryPlan> PlanMemory(const graph::Graph& graph,
                                      std::span<const Format> formats = {});

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_PLAN_H_

// SPDX-License-Identifier: Apache-2.0
// Which tensors of a graph share memory, before any of it has a place.
#ifndef NBITS_ENGINE_MEMORY_MEMORY_GROUPS_H_
#define NBITS_ENGINE_MEMORY_MEMORY_GROUPS_H_

#include <span>
#include <vector>

#include "engine/format.h"
#include "graph/graph.h"

namespace nbits {

// From the node that writes a tensor (-1: the caller) to its last reader (the number of nodes: the
// caller).
struct Life {
  int first = -1, last = -1;
};

// Tensors at fixed places of one block of memory.
struct MemoryGroup {
  int64_t bytes = 0;
  int input = -1;                        // The caller's input that it is.
  int output = -1;                       // The caller's result that it is.
  std::vector<graph::TensorId> members;  // Empty: has become part of another group.
};

struct GroupPlace {
  int group = -1;  // -1: a tensor that nobody writes.
  int64_t offset = 0;
};

struct MemoryGroups {
  std::vector<Life> lives;         // By TensorId.
  std::vector<int64_t> bytes;      // By TensorId.
  std::vector<GroupPlace> places;  // By TensorId.
  std::vector<MemoryGroup> groups;
};

// See PlanMemory for the rules.
MemoryGroups GroupTensors(const graph::Graph& graph, std::span<const Format> formats);

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_MEMORY_GROUPS_H_

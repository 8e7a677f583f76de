// SPDX-License-Identifier: Apache-2.0
// From a graph to something that can be executed.
#ifndef NBITS_ENGINE_PREPARE_H_
#define NBITS_ENGINE_PREPARE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/half_range.h"
#include "engine/kernel.h"
#include "engine/memory/memory_plan.h"

namespace nbits {

// A node that does something when the network runs.
struct Step {
  int node = 0;  // Index into the graph's.
  std::unique_ptr<Kernel> kernel;
  int64_t workspace_bytes = 0;
  int threads = 1;  // Of its Call.
};

// What earlier runs have shown of a graph's values.
struct RangeKnowledge {
  std::vector<bool> wide;  // See HalfStorage.
  // Stores nothing in halves, but has each run find out which tensors could not be.
  bool measures = false;
};

// Immutable while it runs.
struct Prepared {
  EngineOptions options;  // `threads` is their number.
  HalfStorage storage;
  bool measures_range = false;
  graph::Graph graph;
  std::vector<Format> formats;  // By TensorId.
  MemoryPlan plan;
  std::vector<Step> steps;
  KeptWeights kept;
  int64_t kept_bytes = 0;

  const graph::Node& node(const Step& step) const { return graph.nodes[step.node]; }
};

// Whether blocked tensors are to be stored in Float16.
bool StoresHalves(const EngineOptions& options);

// Fuses, chooses formats, makes kernels and plans memory. Unimplemented names the layer and type
// that cannot run. A graph's tensors have the same ids whatever is known of their range.
absl::StatusOr<Prepared> Prepare(graph::Graph graph, const EngineOptions& options,
                                 const RangeKnowledge& range = {});

}  // namespace nbits

#endif  // NBITS_ENGINE_PREPARE_H_

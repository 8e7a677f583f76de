// SPDX-License-Identifier: Apache-2.0
// Runs a graph, from several threads at once, and makes it ready anew when values turn out not to
// fit into the halves that were to hold them.
#ifndef NBITS_RUN_GRAPH_RUNNER_H_
#define NBITS_RUN_GRAPH_RUNNER_H_

#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/memory/workspace.h"
#include "engine/prepare.h"

namespace nbits {

// A graph made ready to run, and memory for its runs.
struct ReadyGraph {
  Prepared prepared;
  std::mutex mutex;
  std::vector<AlignedMemory> idle;  // Arenas that no run uses now. Guarded by mutex.
};

class GraphRunner {
 public:
  // Errors as Prepare's.
  static absl::StatusOr<std::unique_ptr<GraphRunner>> Make(graph::Graph graph,
                                                           const EngineOptions& options);

  // The outputs of the static graph. When values leave Float16's range the run is given up; another
  // in Float32 finds out which tensors do, these keep Float32 from then on, and it starts again.
  absl::StatusOr<TensorMap> Run(const TensorMap& inputs, std::vector<LayerProfile>* profile);

  // What the next run takes.
  std::shared_ptr<const ReadyGraph> current() const;

 private:
  GraphRunner() = default;
  absl::StatusOr<std::shared_ptr<ReadyGraph>> MakeReady(const RangeKnowledge& range) const;
  // Makes a graph that keeps Float32 for these tensors, and those beside them in such a run.
  absl::StatusOr<std::shared_ptr<ReadyGraph>> Widen(const std::shared_ptr<ReadyGraph>& narrow,
                                                    const std::vector<graph::TensorId>& tensors,
                                                    const TensorMap& inputs);

  EngineOptions options_;
  graph::Graph graph_;  // As it was given; empty unless halves are stored.
  mutable std::mutex mutex_;
  std::shared_ptr<ReadyGraph> current_;  // Guarded by mutex_.
  std::mutex widening_;                  // Held while a graph is made ready anew.
};

}  // namespace nbits

#endif  // NBITS_RUN_GRAPH_RUNNER_H_

// SPDX-License-Identifier: Apache-2.0
#include "run/graph_runner.h"

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/status_macros.h"
#include "engine/execution.h"
#include "engine/memory/memory_need.h"

namespace nbits {
namespace {

absl::StatusOr<AlignedMemory> TakeArena(ReadyGraph& ready) {
  {
    const std::lock_guard<std::mutex> lock(ready.mutex);
    NBITS_RETURN_IF_ERROR(CheckMemoryOfRun(ready.prepared, !ready.idle.empty()));
    if (!ready.idle.empty()) {
      AlignedMemory arena = std::move(ready.idle.back());
      ready.idle.pop_back();
      return arena;
    }
  }
  const int64_t bytes = ready.prepared.plan.arena_bytes;
  AlignedMemory arena = AllocateArena(bytes);
  if (arena != nullptr) return arena;
  return absl::ResourceExhaustedError(
      absl::StrCat("no memory for ", BytesText(bytes), " of activations"));
}

void ReturnArena(AlignedMemory arena, ReadyGraph& ready) {
  const std::lock_guard<std::mutex> lock(ready.mutex);
  ready.idle.push_back(std::move(arena));
}

// `outputs` are those of a run that came to its end.
struct Attempt {
  TensorMap outputs;
  std::vector<graph::TensorId> left_range;
};

absl::StatusOr<Attempt> Try(ReadyGraph& ready, const TensorMap& inputs,
                            std::vector<LayerProfile>* profile) {
  NBITS_ASSIGN_OR_RETURN(AlignedMemory arena, TakeArena(ready));
  Execution execution(ready.prepared, arena.get());
  absl::Status status = execution.BindInputs(inputs);
  if (status.ok()) status = execution.Run(profile);
  Attempt attempt;
  if (status.ok()) {
    attempt.left_range = execution.left_range();
    const bool ended_early = !attempt.left_range.empty() && !ready.prepared.measures_range;
    if (!ended_early) attempt.outputs = execution.TakeOutputs();
  }
  ReturnArena(std::move(arena), ready);
  if (!status.ok()) return status;
  return attempt;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GraphRunner>> GraphRunner::Make(graph::Graph graph,
                                                               const EngineOptions& options) {
  auto runner = std::unique_ptr<GraphRunner>(new GraphRunner);
  runner->options_ = options;
  auto ready = std::make_shared<ReadyGraph>();
  if (StoresHalves(options)) runner->graph_ = graph;
  NBITS_ASSIGN_OR_RETURN(ready->prepared, Prepare(std::move(graph), options));
  runner->current_ = std::move(ready);
  return runner;
}

std::shared_ptr<const ReadyGraph> GraphRunner::current() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return current_;
}

absl::StatusOr<std::shared_ptr<ReadyGraph>> GraphRunner::MakeReady(
    const RangeKnowledge& range) const {
  auto ready = std::make_shared<ReadyGraph>();
  NBITS_ASSIGN_OR_RETURN(ready->prepared, Prepare(graph_, options_, range));
  return ready;
}

absl::StatusOr<std::shared_ptr<ReadyGraph>> GraphRunner::Widen(
    const std::shared_ptr<ReadyGraph>& narrow, const std::vector<graph::TensorId>& tensors,
    const TensorMap& inputs) {
  const std::lock_guard<std::mutex> widening(widening_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (current_ != narrow) return current_;  // Another run has been here.
  }
  RangeKnowledge range;
  range.wide = narrow->prepared.storage.wide;
  range.wide.resize(narrow->prepared.graph.tensors.size(), false);
  for (const graph::TensorId tensor : tensors) range.wide[tensor] = true;
  NBITS_ASSIGN_OR_RETURN(const std::shared_ptr<ReadyGraph> measuring,
                         MakeReady({.wide = {}, .measures = true}));
  NBITS_ASSIGN_OR_RETURN(const Attempt measured, Try(*measuring, inputs, nullptr));
  for (const graph::TensorId tensor : measured.left_range) range.wide[tensor] = true;
  NBITS_ASSIGN_OR_RETURN(std::shared_ptr<ReadyGraph> ready, MakeReady(range));
  const std::lock_guard<std::mutex> lock(mutex_);
  current_ = ready;
  return ready;
}

absl::StatusOr<TensorMap> GraphRunner::Run(const TensorMap& inputs,
                                           std::vector<LayerProfile>* profile) {
  const size_t layers_before = profile == nullptr ? 0 : profile->size();
  std::shared_ptr<ReadyGraph> ready;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ready = current_;
  }
  for (;;) {
    NBITS_ASSIGN_OR_RETURN(Attempt attempt, Try(*ready, inputs, profile));
    if (attempt.left_range.empty()) return std::move(attempt.outputs);
    // Every turn widens a tensor more: what left the range was stored in halves.
    if (profile != nullptr) profile->resize(layers_before);
    NBITS_ASSIGN_OR_RETURN(ready, Widen(ready, attempt.left_range, inputs));
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "nbits/engine.h"

#include <mutex>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/execution.h"
#include "engine/memory_report.h"
#include "engine/prepare.h"
#include "graph/dynamic.h"
#include "graph/import/import.h"

namespace nbits {

struct Engine::Impl {
  Prepared prepared;
  std::vector<FeatureDescription> inputs, outputs;

  std::mutex mutex;
  std::vector<AlignedMemory> idle;  // Arenas that no run uses now. Guarded by mutex.

  // Makes `graph` ready to run.
  static absl::StatusOr<std::unique_ptr<Impl>> Make(graph::Graph graph,
                                                    const EngineOptions& options);
  // Makes graphs ready to run whose shapes are known only now. `profile` may be null.
  static graph::Compiler CompilerFor(const EngineOptions& options,
                                     std::vector<LayerProfile>* profile);

  absl::StatusOr<AlignedMemory> TakeArena();
  void ReturnArena(AlignedMemory arena);
};

absl::StatusOr<AlignedMemory> Engine::Impl::TakeArena() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!idle.empty()) {
      AlignedMemory arena = std::move(idle.back());
      idle.pop_back();
      return arena;
    }
  }
  AlignedMemory arena = AllocateArena(prepared.plan.arena_bytes);
  if (arena != nullptr) return arena;
  return absl::ResourceExhaustedError(
      absl::StrCat("no memory for ", prepared.plan.arena_bytes, " bytes of activations"));
}

void Engine::Impl::ReturnArena(AlignedMemory arena) {
  const std::lock_guard<std::mutex> lock(mutex);
  idle.push_back(std::move(arena));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Make(graph::Graph graph,
                                                                 const EngineOptions& options) {
  auto impl = std::make_unique<Impl>();
  NBITS_ASSIGN_OR_RETURN(impl->prepared, Prepare(std::move(graph), options));
  const graph::Graph& prepared = impl->prepared.graph;
  for (const graph::Port& port : prepared.inputs) impl->inputs.push_back(port.feature);
  for (const graph::Port& port : prepared.outputs) impl->outputs.push_back(port.feature);
  if (prepared.dynamic != nullptr) impl->outputs = prepared.dynamic->outputs();
  return impl;
}

graph::Compiler Engine::Impl::CompilerFor(const EngineOptions& options,
                                          std::vector<LayerProfile>* profile) {
  return [options, profile](graph::Graph graph) -> absl::StatusOr<graph::Function> {
    NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Make(std::move(graph), options));
    auto engine = std::make_shared<Engine>(Engine(std::move(impl)));
    return [engine, profile](const TensorMap& inputs) { return engine->Run(inputs, profile); };
  };
}

absl::StatusOr<Engine> Engine::Create(const Model& model, const EngineOptions& options,
                                      const std::map<std::string, Shape>& shapes) {
  if (options.threads < 0) return absl::InvalidArgumentError("a negative number of threads");
  NBITS_ASSIGN_OR_RETURN(graph::Graph graph,
                         graph::ImportModel(model, shapes, Impl::CompilerFor(options, nullptr)));
  NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Impl::Make(std::move(graph), options));
  return Engine(std::move(impl));
}

const std::vector<FeatureDescription>& Engine::inputs() const { return impl_->inputs; }
const std::vector<FeatureDescription>& Engine::outputs() const { return impl_->outputs; }
int64_t Engine::activation_bytes() const { return impl_->prepared.plan.arena_bytes; }
MemoryReport Engine::memory() const { return ReportMemory(impl_->prepared); }

absl::StatusOr<TensorMap> Engine::Run(const TensorMap& inputs,
                                      std::vector<LayerProfile>* profile) const {
  NBITS_ASSIGN_OR_RETURN(AlignedMemory arena, impl_->TakeArena());
  Execution execution(impl_->prepared, arena.get());
  absl::Status status = execution.BindInputs(inputs);
  if (status.ok()) status = execution.Run(profile);
  TensorMap outputs;
  if (status.ok()) outputs = execution.TakeOutputs();
  impl_->ReturnArena(std::move(arena));
  if (!status.ok()) return status;
  const graph::DynamicPart* dynamic = impl_->prepared.graph.dynamic.get();
  if (dynamic == nullptr) return outputs;
  return dynamic->Run(outputs, Impl::CompilerFor(impl_->prepared.options, profile));
}

}  // namespace nbits

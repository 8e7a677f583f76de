// SPDX-License-Identifier: Apache-2.0
#include "nbits/engine.h"

#include <algorithm>

#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "engine/memory/memory_report.h"
#include "formats/neural_network/import/import.h"
#include "graph/dynamic.h"
#include "run/graph_runner.h"

namespace nbits {

struct Engine::Impl {
  std::unique_ptr<GraphRunner> runner;
  EngineOptions options;
  std::shared_ptr<const graph::DynamicPart> dynamic;  // What follows the runner's graph, or null.
  std::vector<FeatureDescription> inputs, outputs;

  // Makes `graph` ready to run.
  static absl::StatusOr<std::unique_ptr<Impl>> Make(graph::Graph graph,
                                                    const EngineOptions& options);
  // Makes graphs ready to run whose shapes are known only now. `profile` may be null.
  static graph::Compiler CompilerFor(const EngineOptions& options,
                                     std::vector<LayerProfile>* profile);
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Make(graph::Graph graph,
                                                                 const EngineOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->dynamic = graph.dynamic;
  for (const graph::Port& port : graph.inputs) impl->inputs.push_back(port.feature);
  for (const graph::Port& port : graph.outputs) impl->outputs.push_back(port.feature);
  if (graph.dynamic != nullptr) impl->outputs = graph.dynamic->outputs();
  NBITS_ASSIGN_OR_RETURN(impl->runner, GraphRunner::Make(std::move(graph), options));
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
  return WithoutThrowing("preparing the network", [&]() -> absl::StatusOr<Engine> {
    NBITS_ASSIGN_OR_RETURN(graph::Graph graph,
                           graph::ImportModel(model, shapes, Impl::CompilerFor(options, nullptr)));
    NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Impl::Make(std::move(graph), options));
    return Engine(std::move(impl));
  });
}

absl::StatusOr<std::vector<FeatureDescription>> Engine::DescribeOutputs(
    const Model& model, const std::map<std::string, Shape>& shapes) {
  NBITS_ASSIGN_OR_RETURN(const graph::Graph graph,
                         graph::ImportModel(model, shapes, Impl::CompilerFor({}, nullptr)));
  if (graph.dynamic != nullptr) return graph.dynamic->outputs();
  std::vector<FeatureDescription> outputs;
  for (const graph::Port& port : graph.outputs) outputs.push_back(port.feature);
  return outputs;
}

const std::vector<FeatureDescription>& Engine::inputs() const { return impl_->inputs; }
const std::vector<FeatureDescription>& Engine::outputs() const { return impl_->outputs; }

int64_t Engine::activation_bytes() const {
  return impl_->runner->current()->prepared.plan.arena_bytes;
}

int64_t Engine::wide_tensors() const {
  const std::shared_ptr<const ReadyGraph> ready = impl_->runner->current();
  const std::vector<bool>& wide = ready->prepared.storage.wide;
  return std::count(wide.begin(), wide.end(), true);
}

MemoryReport Engine::memory() const { return ReportMemory(impl_->runner->current()->prepared); }

absl::StatusOr<TensorMap> Engine::Run(const TensorMap& inputs,
                                      std::vector<LayerProfile>* profile) const {
  return WithoutThrowing("running the network", [&]() -> absl::StatusOr<TensorMap> {
    NBITS_ASSIGN_OR_RETURN(TensorMap outputs, impl_->runner->Run(inputs, profile));
    if (impl_->dynamic == nullptr) return outputs;
    return impl_->dynamic->Run(outputs, Impl::CompilerFor(impl_->options, profile));
  });
}

}  // namespace nbits

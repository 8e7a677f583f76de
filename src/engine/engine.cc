#include "nbits/engine.h"

#include <omp.h>

#include <chrono>
#include <cstring>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "engine/kernel.h"
#include "engine/memory_plan.h"
#include "engine/workspace.h"
#include "graph/dynamic.h"
#include "graph/fuse.h"
#include "graph/import/import.h"

namespace nbits {
namespace {

using graph::Graph;
using graph::TensorId;

// OpenMP's number of threads, which oneDNN follows, for the duration of a scope.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : previous_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ~ThreadScope() { omp_set_num_threads(previous_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int previous_;
};

// The memory of one run.
struct RunMemory {
  AlignedMemory arena, workspace;
};

struct Step {
  const graph::Node* node;
  std::unique_ptr<Kernel> kernel;
};

int64_t WeightBytes(const Graph& graph, const graph::Node& node) {
  int64_t bytes = 0;
  for (graph::WeightId weight : WeightsOf(node.op)) {
    bytes += static_cast<int64_t>(graph.weights[weight].bytes.size());
  }
  return bytes;
}

}  // namespace

struct Engine::Impl {
  Graph graph;
  std::vector<Format> formats;  // By TensorId.
  MemoryPlan plan;
  EngineOptions options;
  int threads = 1;
  std::vector<Step> steps;
  int64_t workspace_bytes = 0;
  std::vector<FeatureDescription> inputs, outputs;

  std::mutex mutex;
  std::vector<RunMemory> idle;  // Guarded by mutex.

  // Makes `graph` ready to run.
  static absl::StatusOr<std::unique_ptr<Impl>> Make(Graph graph, const EngineOptions& options);
  // Makes graphs ready to run whose shapes are known only now. `profile` may be null.
  static graph::Compiler CompilerFor(const EngineOptions& options,
                                     std::vector<LayerProfile>* profile);
  absl::Status Prepare();
  void ChooseFormats();
  NodeFormats FormatsOf(const graph::Node& node) const;
  absl::StatusOr<RunMemory> TakeMemory();
  void ReturnMemory(RunMemory memory);
  absl::StatusOr<std::vector<const float*>> BindInputs(const TensorMap& tensors,
                                                       std::vector<float>& zeros) const;
  absl::Status RunSteps(const RunMemory& memory, std::span<const float* const> bound,
                        std::vector<LayerProfile>* profile) const;
  absl::Status RunStep(const Step& step, const RunMemory& memory,
                       std::span<const float* const> bound, Workspace& workspace) const;
  float* Locate(TensorId tensor, const RunMemory& memory,
                std::span<const float* const> bound) const;
  TensorMap CopyOutputs(const RunMemory& memory, std::span<const float* const> bound) const;
};

void Engine::Impl::ChooseFormats() {
  formats = AssignFormats(graph, [this](const graph::Node& node, std::span<const Format> current) {
    return ChooseNodeFormats(graph, node, current, options);
  });
}

NodeFormats Engine::Impl::FormatsOf(const graph::Node& node) const {
  NodeFormats result;
  for (TensorId input : node.inputs) result.inputs.push_back(formats[input]);
  for (TensorId output : node.outputs) result.outputs.push_back(formats[output]);
  return result;
}

absl::Status Engine::Impl::Prepare() {
  ChooseFormats();
  NBITS_ASSIGN_OR_RETURN(plan, PlanMemory(graph, formats));
  for (const graph::Node& node : graph.nodes) {
    // A reshape moves nothing: its output is planned onto its input.
    if (std::holds_alternative<graph::Reshape>(node.op)) continue;
    NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel,
                           MakeKernel(graph, node, FormatsOf(node), options));
    int64_t bytes = AlignedSize(kernel->workspace_bytes());
    if (kernel->decodes_whole_weights()) {
      for (graph::WeightId id : WeightsOf(node.op)) bytes += DecodedBytes(graph.weights[id]);
    }
    workspace_bytes = std::max(workspace_bytes, bytes);
    steps.push_back({&node, std::move(kernel)});
  }
  if (workspace_bytes > kMaxArenaBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a layer needs ", workspace_bytes, " bytes of workspace (at most 2^35)"));
  }
  for (const graph::Port& port : graph.inputs) inputs.push_back(port.feature);
  for (const graph::Port& port : graph.outputs) outputs.push_back(port.feature);
  if (graph.dynamic != nullptr) outputs = graph.dynamic->outputs();
  return absl::OkStatus();
}

absl::StatusOr<RunMemory> Engine::Impl::TakeMemory() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!idle.empty()) {
      RunMemory memory = std::move(idle.back());
      idle.pop_back();
      return memory;
    }
  }
  RunMemory memory{AllocateAligned(plan.arena_bytes), AllocateAligned(workspace_bytes)};
  if (memory.arena == nullptr || memory.workspace == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "no memory for ", plan.arena_bytes + workspace_bytes, " bytes of activations"));
  }
  return memory;
}

void Engine::Impl::ReturnMemory(RunMemory memory) {
  std::lock_guard<std::mutex> lock(mutex);
  idle.push_back(std::move(memory));
}

// Optional inputs that are absent read as zeros.
absl::StatusOr<std::vector<const float*>> Engine::Impl::BindInputs(
    const TensorMap& tensors, std::vector<float>& zeros) const {
  std::vector<const float*> bound;
  for (const FeatureDescription& input : inputs) {
    const auto found = tensors.find(input.name);
    const size_t count = static_cast<size_t>(graph::Product(input.shape));
    if (found == tensors.end()) {
      if (!input.optional) {
        return absl::InvalidArgumentError(absl::StrCat("input '", input.name, "' is missing"));
      }
      zeros.resize(std::max(zeros.size(), count), 0.0f);
      bound.push_back(nullptr);
      continue;
    }
    const Tensor& tensor = found->second;
    if (tensor.shape != input.shape || tensor.values.size() != count) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input '", input.name, "' has shape ", graph::ShapeText(tensor.shape), " and ",
          tensor.values.size(), " values (expected ", graph::ShapeText(input.shape), ")"));
    }
    bound.push_back(tensor.values.data());
  }
  for (const float*& data : bound) {
    if (data == nullptr) data = zeros.data();
  }
  return bound;
}

float* Engine::Impl::Locate(TensorId tensor, const RunMemory& memory,
                            std::span<const float* const> bound) const {
  const Placement& place = plan.tensors[tensor];
  // The plan never lets a kernel write to an input.
  if (place.input >= 0) return const_cast<float*>(bound[place.input]);
  return reinterpret_cast<float*>(memory.arena.get() + place.offset);
}

absl::Status Engine::Impl::RunStep(const Step& step, const RunMemory& memory,
                                   std::span<const float* const> bound,
                                   Workspace& workspace) const {
  std::vector<Operand> operands;
  std::vector<Result> results;
  for (TensorId id : step.node->inputs) {
    operands.push_back({graph.tensors[id].shape, Locate(id, memory, bound), formats[id]});
  }
  for (TensorId id : step.node->outputs) {
    results.push_back({graph.tensors[id].shape, Locate(id, memory, bound), formats[id]});
  }
  workspace.Reset();
  absl::Status status = step.kernel->Run({operands, results, workspace, threads});
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("layer '", step.node->name, "': ", status.message()));
}

absl::Status Engine::Impl::RunSteps(const RunMemory& memory, std::span<const float* const> bound,
                                    std::vector<LayerProfile>* profile) const {
  using Clock = std::chrono::steady_clock;
  Workspace workspace(graph, memory.workspace.get(), workspace_bytes);
  for (const Step& step : steps) {
    const Clock::time_point start = Clock::now();
    NBITS_RETURN_IF_ERROR(RunStep(step, memory, bound, workspace));
    if (profile == nullptr) continue;
    const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
    int64_t output_bytes = 0;
    for (TensorId id : step.node->outputs) {
      output_bytes += StoredBytes(graph.tensors[id].shape, formats[id]);
    }
    profile->push_back({step.node->name, step.node->kind, std::string(step.kernel->name()),
                        elapsed.count(), output_bytes, WeightBytes(graph, *step.node)});
  }
  return absl::OkStatus();
}

TensorMap Engine::Impl::CopyOutputs(const RunMemory& memory,
                                    std::span<const float* const> bound) const {
  TensorMap tensors;
  for (const graph::Port& port : graph.outputs) {
    const float* data = Locate(port.tensor, memory, bound);
    const int64_t count = graph::Product(port.feature.shape);
    tensors[port.feature.name] = {port.feature.shape, {data, data + count}};
  }
  return tensors;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Make(Graph graph,
                                                                 const EngineOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->threads = options.threads == 0 ? DefaultThreads() : options.threads;
  impl->graph = std::move(graph);
  if (!options.plain) {
    graph::Fuse(impl->graph, [&](const Graph& fused, const graph::Node& node) {
      return HasFusedKernel(fused, node, options);
    });
  }
  ThreadScope scope(impl->threads);
  NBITS_RETURN_IF_ERROR(impl->Prepare());
  return impl;
}

graph::Compiler Engine::Impl::CompilerFor(const EngineOptions& options,
                                          std::vector<LayerProfile>* profile) {
  return [options, profile](Graph graph) -> absl::StatusOr<graph::Function> {
    NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Make(std::move(graph), options));
    auto engine = std::make_shared<Engine>(Engine(std::move(impl)));
    return [engine, profile](const TensorMap& inputs) { return engine->Run(inputs, profile); };
  };
}

absl::StatusOr<Engine> Engine::Create(const Model& model, const EngineOptions& options,
                                      const std::map<std::string, Shape>& shapes) {
  if (options.threads < 0) return absl::InvalidArgumentError("a negative number of threads");
  NBITS_ASSIGN_OR_RETURN(Graph graph,
                         graph::ImportModel(model, shapes, Impl::CompilerFor(options, nullptr)));
  NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Impl::Make(std::move(graph), options));
  return Engine(std::move(impl));
}

const std::vector<FeatureDescription>& Engine::inputs() const { return impl_->inputs; }
const std::vector<FeatureDescription>& Engine::outputs() const { return impl_->outputs; }

int64_t Engine::activation_bytes() const {
  return impl_->plan.arena_bytes + impl_->workspace_bytes;
}

absl::StatusOr<TensorMap> Engine::Run(const TensorMap& inputs,
                                      std::vector<LayerProfile>* profile) const {
  std::vector<float> zeros;
  NBITS_ASSIGN_OR_RETURN(const std::vector<const float*> bound, impl_->BindInputs(inputs, zeros));
  NBITS_ASSIGN_OR_RETURN(RunMemory memory, impl_->TakeMemory());
  ThreadScope scope(impl_->threads);
  const absl::Status status = impl_->RunSteps(memory, bound, profile);
  TensorMap outputs;
  if (status.ok()) outputs = impl_->CopyOutputs(memory, bound);
  impl_->ReturnMemory(std::move(memory));
  if (!status.ok()) return status;
  if (impl_->graph.dynamic == nullptr) return outputs;
  return impl_->graph.dynamic->Run(outputs, Impl::CompilerFor(impl_->options, profile));
}

}  // namespace nbits

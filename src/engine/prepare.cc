// SPDX-License-Identifier: Apache-2.0
#include "engine/prepare.h"

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "engine/work.h"
#include "graph/fuse.h"
#include "nbits/packed_tensor.h"

namespace nbits {
namespace {

using graph::Graph;
using graph::Node;
using graph::TensorId;

// The formats that the registry chooses, in the elements that are to be stored.
NodeFormats StorageOf(const Prepared& prepared, const Node& node, std::span<const Format> current) {
  NodeFormats formats = ChooseNodeFormats(prepared.graph, node, current, prepared.options);
  SetElements(node, current, prepared.storage, formats);
  return formats;
}

NodeFormats FormatsOf(const Prepared& prepared, const Node& node) {
  NodeFormats result;
  for (TensorId input : node.inputs) result.inputs.push_back(prepared.formats[input]);
  for (TensorId output : node.outputs) result.outputs.push_back(prepared.formats[output]);
  return result;
}

// Bytes that a kernel's weights take in its workspace.
int64_t DecodedBytes(const Prepared& prepared, const Node& node, const Kernel& kernel) {
  int64_t bytes = 0;
  if (!kernel.decodes_whole_weights()) return bytes;
  for (graph::WeightId id : WeightsOf(node.op)) {
    if (prepared.kept[id] == nullptr) bytes += DecodedBytes(prepared.graph.weights[id]);
  }
  return bytes;
}

// Decodes weights for good as long as the budget lasts.
absl::Status KeepWeights(Prepared& prepared, const Node& node, const Kernel& kernel) {
  if (!kernel.decodes_whole_weights()) return absl::OkStatus();
  for (graph::WeightId id : WeightsOf(node.op)) {
    const PackedTensor& weight = prepared.graph.weights[id];
    const int64_t bytes = DecodedBytes(weight);
    if (bytes == 0 || prepared.kept[id] != nullptr ||
        bytes > prepared.options.memory_budget - prepared.kept_bytes) {
      continue;
    }
    NBITS_RETURN_IF_ERROR(CheckMemory(bytes, absl::StrCat("layer '", node.name, "'")));
    AlignedMemory memory = AllocateAligned(bytes);
    if (memory == nullptr) return absl::ResourceExhaustedError("no memory for decoded weights");
    const int64_t count = graph::Product(weight.shape);
    NBITS_RETURN_IF_ERROR(
        Dequantize(weight, {reinterpret_cast<float*>(memory.get()), static_cast<size_t>(count)}));
    prepared.kept[id] = std::move(memory);
    prepared.kept_bytes += bytes;
  }
  return absl::OkStatus();
}

absl::Status MakeSteps(Prepared& prepared) {
  prepared.kept.resize(prepared.graph.weights.size());
  for (size_t i = 0; i < prepared.graph.nodes.size(); ++i) {
    const Node& node = prepared.graph.nodes[i];
    // A reshape moves nothing: its output is planned onto its input.
    if (std::holds_alternative<graph::Reshape>(node.op)) continue;
    NBITS_ASSIGN_OR_RETURN(
        std::unique_ptr<Kernel> kernel,
        MakeKernel(prepared.graph, node, FormatsOf(prepared, node), prepared.options));
    NBITS_RETURN_IF_ERROR(KeepWeights(prepared, node, *kernel));
    const int64_t bytes =
        AlignedSize(kernel->workspace_bytes()) + DecodedBytes(prepared, node, *kernel);
    if (bytes > kMaxArenaBytes) {
      return absl::ResourceExhaustedError(absl::StrCat("layer '", node.name, "' needs ",
                                                       BytesText(bytes), " of workspace (at most ",
                                                       BytesText(kMaxArenaBytes), ")"));
    }
    const int threads = ThreadsFor(prepared.graph, node, prepared.options.threads);
    prepared.steps.push_back({static_cast<int>(i), std::move(kernel), bytes, threads});
  }
  return absl::OkStatus();
}

absl::Status Plan(Prepared& prepared) {
  std::vector<int64_t> workspaces(prepared.graph.nodes.size(), 0);
  for (const Step& step : prepared.steps) workspaces[step.node] = step.workspace_bytes;
  NBITS_ASSIGN_OR_RETURN(prepared.plan, PlanMemory(prepared.graph, prepared.formats, workspaces));
  return absl::OkStatus();
}

}  // namespace

bool StoresHalves(const EngineOptions& options) {
  if (options.activations != Activations::kAuto) {
    return options.activations == Activations::kFloat16;
  }
  return options.memory == Memory::kLean;
}

absl::StatusOr<Prepared> Prepare(Graph graph, const EngineOptions& options,
                                 const RangeKnowledge& range) {
  Prepared prepared;
  prepared.options = options;
  prepared.storage = {StoresHalves(options) && !range.measures, range.wide};
  prepared.measures_range = range.measures;
  if (options.threads == 0) prepared.options.threads = DefaultThreads();
  prepared.graph = std::move(graph);
  if (!options.plain) {
    graph::Fuse(prepared.graph, [&](const Graph& fused, const Node& node) {
      return HasFusedKernel(fused, node, prepared.options);
    });
  }
  prepared.formats =
      AssignFormats(prepared.graph, [&](const Node& node, std::span<const Format> current) {
        return StorageOf(prepared, node, current);
      });
  NBITS_RETURN_IF_ERROR(MakeSteps(prepared));
  NBITS_RETURN_IF_ERROR(Plan(prepared));
  return prepared;
}

}  // namespace nbits

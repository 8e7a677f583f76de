// SPDX-License-Identifier: Apache-2.0
#include "engine/execution.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/files/file.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

using graph::Node;
using graph::TensorId;

// Small things that a kernel needs are not planned: of the memory for them there may be none.
absl::Status RunKernel(const Kernel& kernel, const Call& call) {
  try {
    return kernel.Run(call);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("no memory for what it computes with");
  }
}

int64_t WeightBytes(const graph::Graph& graph, const Node& node) {
  int64_t bytes = 0;
  for (graph::WeightId weight : WeightsOf(node.op)) {
    bytes += static_cast<int64_t>(graph.weights[weight].bytes.size());
  }
  return bytes;
}

// Vectors throw where there is no memory; the library does not.
absl::Status Allocate(size_t count, absl::string_view what, std::vector<float>& values) {
  try {
    values.resize(count);
    return absl::OkStatus();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(
        what, ": no memory for ", BytesText(static_cast<int64_t>(count * sizeof(float)))));
  }
}

}  // namespace

absl::StatusOr<const float*> Execution::BindInput(const graph::Port& port,
                                                  const TensorMap& inputs) {
  const FeatureDescription& feature = port.feature;
  const auto found = inputs.find(feature.name);
  const size_t count = static_cast<size_t>(graph::Product(feature.shape));
  if (found == inputs.end()) {
    if (!feature.optional) {
      return absl::InvalidArgumentError(absl::StrCat("input '", feature.name, "' is missing"));
    }
    std::vector<float>& zeros = zeros_.emplace_back();
    NBITS_RETURN_IF_ERROR(Allocate(count, absl::StrCat("input '", feature.name, "'"), zeros));
    return zeros.data();
  }
  const Tensor& tensor = found->second;
  if (tensor.shape != feature.shape || tensor.values.size() != count) {
    return absl::InvalidArgumentError(
        absl::StrCat("input '", feature.name, "' has shape ", ShapeText(tensor.shape), " and ",
                     tensor.values.size(), " values (expected ", ShapeText(feature.shape), ")"));
  }
  return tensor.values.data();
}

absl::Status Execution::BindInputs(const TensorMap& inputs) {
  for (const graph::Port& port : prepared_.graph.inputs) {
    NBITS_ASSIGN_OR_RETURN(const float* data, BindInput(port, inputs));
    inputs_.push_back(data);
  }
  return absl::OkStatus();
}

float* Execution::Locate(TensorId tensor) const {
  const Placement& place = prepared_.plan.tensors[tensor];
  std::byte* memory = arena_;
  // The plan never lets a kernel write to an input.
  if (place.input >= 0) {
    memory = reinterpret_cast<std::byte*>(const_cast<float*>(inputs_[place.input]));
  } else if (place.output >= 0) {
    memory = reinterpret_cast<std::byte*>(const_cast<float*>(outputs_[place.output].data()));
  }
  return reinterpret_cast<float*>(memory + place.offset);
}

// Outputs stored in halves, or that could be when the range is measured.
void Execution::WatchRange(const Step& step, std::span<const Operand> inputs,
                           std::span<const Result> outputs) {
  const Node& node = prepared_.node(step);
  std::vector<Format> formats;
  for (const Operand& input : inputs) formats.push_back(input.format);
  if (!prepared_.measures_range && !MayLeaveHalfRange(node, formats)) return;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Result& output = outputs[i];
    const Format& counted = prepared_.measures_range ? kBlockedFormat : kBlockedHalfFormat;
    if (output.format != counted) continue;
    if (!LeavesHalfRange({output.shape, output.data, output.format}, step.threads)) continue;
    // A reformatted tensor came after the formats: what it is a copy of has an id from before.
    const bool copies = std::holds_alternative<graph::Reformat>(node.op);
    left_range_.push_back(copies ? node.inputs[0] : node.outputs[i]);
  }
}

absl::Status Execution::RunStep(const Step& step) {
  const Node& node = prepared_.node(step);
  std::vector<Operand> operands;
  std::vector<Result> results;
  for (TensorId id : node.inputs) {
    operands.push_back({prepared_.graph.tensors[id].shape, Locate(id), prepared_.formats[id]});
  }
  for (TensorId id : node.outputs) {
    results.push_back({prepared_.graph.tensors[id].shape, Locate(id), prepared_.formats[id]});
  }
  Workspace workspace(prepared_.graph, arena_ + prepared_.plan.workspaces[step.node],
                      step.workspace_bytes, &prepared_.kept);
  const absl::Status status = RunKernel(*step.kernel, {operands, results, workspace, step.threads});
  if (status.ok() && (prepared_.storage.halves || prepared_.measures_range)) {
    WatchRange(step, operands, results);
  }
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("layer '", node.name, "': ", status.message()));
}

absl::Status Execution::AllocateOutputs(int node) {
  const std::vector<graph::Port>& ports = prepared_.graph.outputs;
  const std::string layer =
      node < 0 ? "" : absl::StrCat("layer '", prepared_.graph.nodes[node].name, "', ");
  for (size_t i = 0; i < ports.size(); ++i) {
    if (prepared_.plan.output_first[i] != node) continue;
    const FeatureDescription& feature = ports[i].feature;
    const size_t count = static_cast<size_t>(graph::Product(feature.shape));
    const std::string what = absl::StrCat(layer, "output '", feature.name, "'");
    NBITS_RETURN_IF_ERROR(Allocate(count, what, outputs_[i]));
  }
  return absl::OkStatus();
}

absl::Status Execution::CopyOutputs() {
  NBITS_RETURN_IF_ERROR(AllocateOutputs(-1));
  const std::vector<graph::Port>& ports = prepared_.graph.outputs;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (prepared_.plan.output_first[i] >= 0) continue;
    std::copy_n(Locate(ports[i].tensor), outputs_[i].size(), outputs_[i].begin());
  }
  return absl::OkStatus();
}

// Pages of the file that this layer alone needs: other layers' weights come later or are through.
void Execution::ReleaseWeights(const Step& step) const {
  for (graph::WeightId weight : WeightsOf(prepared_.node(step).op)) {
    MappedFile::ReleasePages(prepared_.graph.weights[weight].bytes);
  }
}

LayerProfile Execution::Profile(const Step& step, double milliseconds) const {
  const Node& node = prepared_.node(step);
  int64_t output_bytes = 0;
  for (TensorId id : node.outputs) {
    output_bytes += StoredBytes(prepared_.graph.tensors[id].shape, prepared_.formats[id]);
  }
  return {node.name,    node.kind,    std::string(step.kernel->name()),
          milliseconds, output_bytes, WeightBytes(prepared_.graph, node)};
}

absl::Status Execution::Run(std::vector<LayerProfile>* profile) {
  using Clock = std::chrono::steady_clock;
  outputs_.resize(prepared_.graph.outputs.size());
  for (const Step& step : prepared_.steps) {
    NBITS_RETURN_IF_ERROR(AllocateOutputs(step.node));
    const Clock::time_point start = Clock::now();
    NBITS_RETURN_IF_ERROR(RunStep(step));
    const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
    if (prepared_.options.memory == Memory::kLean) ReleaseWeights(step);
    if (profile != nullptr) profile->push_back(Profile(step, elapsed.count()));
    if (!left_range_.empty() && !prepared_.measures_range) return absl::OkStatus();
  }
  return CopyOutputs();
}

TensorMap Execution::TakeOutputs() {
  TensorMap tensors;
  const std::vector<graph::Port>& ports = prepared_.graph.outputs;
  for (size_t i = 0; i < ports.size(); ++i) {
    tensors[ports[i].feature.name] = {ports[i].feature.shape, std::move(outputs_[i])};
  }
  return tensors;
}

}  // namespace nbits

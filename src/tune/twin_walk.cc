// SPDX-License-Identifier: Apache-2.0
#include "tune/twin_walk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "formats/neural_network/import/adopt_shape.h"
#include "graph/segment.h"
#include "tune/layers.h"

namespace nbits {
namespace {

using graph::TensorId;

// Of a run: results are then the same on any number of processors.
EngineOptions OneThread() {
  EngineOptions options;
  options.threads = 1;
  return options;
}

// Calls work(i) for all indices on several threads; the error of the lowest index counts.
absl::Status ForAll(std::span<const size_t> indices, int threads,
                    const std::function<absl::Status(size_t)>& work) {
  std::vector<absl::Status> statuses(indices.size());
  ParallelFor(
      static_cast<int64_t>(indices.size()),
      [&](int64_t i) {
        const auto at = static_cast<size_t>(i);
        statuses[at] = WithoutThrowing("running the network", [&] { return work(indices[at]); });
      },
      threads);
  for (const absl::Status& status : statuses) NBITS_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

}  // namespace

TwinWalk::TwinWalk(graph::Graph graph, size_t pictures, int64_t held_bytes, int threads)
    : original_(graph),
      quantized_(std::move(graph)),
      pictures_(pictures),
      threads_(threads),
      store_(held_bytes) {}

absl::Status TwinWalk::AddPicture(size_t picture, TensorMap inputs) {
  std::vector<TensorId> tensors;
  TensorMap values;
  for (const graph::Port& port : original_.inputs) {
    const Shape& shape = original_.tensors[static_cast<size_t>(port.tensor)].shape;
    const auto count = static_cast<size_t>(graph::Product(shape));
    Tensor value{shape, {}};
    const auto found = inputs.find(port.feature.name);
    if (found == inputs.end()) {
      value.values.resize(count);
    } else if (found->second.shape == port.feature.shape) {
      value.values = std::move(found->second.values);
    }
    if (value.values.size() != count) {
      return absl::InvalidArgumentError(absl::StrCat("input '", port.feature.name, "' has shape ",
                                                     ShapeText(found->second.shape), " (expected ",
                                                     ShapeText(port.feature.shape), ")"));
    }
    tensors.push_back(port.tensor);
    values[graph::ValueName(port.tensor)] = std::move(value);
  }
  return store_.Return(OriginalRun(picture), tensors, values);
}

absl::StatusOr<std::unique_ptr<GraphRunner>> TwinWalk::RunnerOf(const graph::Graph& graph,
                                                                size_t node) const {
  const size_t nodes[] = {node};
  return GraphRunner::Make(graph::SegmentOf(graph, nodes, graph.nodes[node].outputs), OneThread());
}

// From now on each network has its own values: so far they were the same.
absl::Status TwinWalk::Fork() {
  if (has_forked_ || !has_changed_) return absl::OkStatus();
  has_forked_ = true;
  for (size_t picture = 0; picture < pictures_; ++picture) {
    const std::vector<TensorId> live = store_.TensorsOf(OriginalRun(picture));
    NBITS_ASSIGN_OR_RETURN(TensorMap values, store_.Lend(OriginalRun(picture), live));
    TensorMap copies = values;
    NBITS_RETURN_IF_ERROR(store_.Return(OriginalRun(picture), live, values));
    NBITS_RETURN_IF_ERROR(store_.Return(QuantizedRun(picture), live, copies));
  }
  return absl::OkStatus();
}

absl::Status TwinWalk::Enter(Stretch stretch, size_t stop) {
  NBITS_RETURN_IF_ERROR(Fork());
  stretch_ = std::move(stretch);
  seen_ = original_.nodes[stop].inputs[0];
  kept_.clear();
  for (const auto* tensors : {&stretch_.inputs, &stretch_.outputs}) {
    for (const TensorId tensor : *tensors) {
      if (stretch_.live[static_cast<size_t>(tensor)]) kept_.push_back(tensor);
    }
  }
  original_runner_.reset();
  quantized_runner_.reset();
  if (stretch_.nodes.empty()) return absl::OkStatus();
  const auto make = [&](const graph::Graph& graph) {
    return GraphRunner::Make(graph::SegmentOf(graph, stretch_.nodes, stretch_.outputs),
                             OneThread());
  };
  NBITS_ASSIGN_OR_RETURN(original_runner_, make(original_));
  if (!has_forked_) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(quantized_runner_, make(quantized_));
  return absl::OkStatus();
}

// What the stretch reads, and gives, in one run.
absl::StatusOr<TensorMap> TwinWalk::RunOne(GraphRunner* runner, size_t run) {
  NBITS_ASSIGN_OR_RETURN(TensorMap values, store_.Lend(run, stretch_.inputs));
  if (runner == nullptr) return values;
  NBITS_ASSIGN_OR_RETURN(TensorMap outputs, runner->Run(values, nullptr));
  values.merge(outputs);
  return values;
}

absl::Status TwinWalk::KeepLive(size_t run, TensorMap& values) {
  NBITS_RETURN_IF_ERROR(store_.Return(run, kept_, values));
  store_.KeepOnly(run, stretch_.live);
  return absl::OkStatus();
}

absl::Status TwinWalk::RunPicture(size_t picture, const Visit& visit) {
  const std::string name = graph::ValueName(seen_);
  NBITS_ASSIGN_OR_RETURN(TensorMap original, RunOne(original_runner_.get(), OriginalRun(picture)));
  if (!has_forked_) {
    NBITS_RETURN_IF_ERROR(visit(picture, {original.at(name), original.at(name)}));
    return KeepLive(OriginalRun(picture), original);
  }
  NBITS_ASSIGN_OR_RETURN(TensorMap quantized,
                         RunOne(quantized_runner_.get(), QuantizedRun(picture)));
  NBITS_RETURN_IF_ERROR(visit(picture, {original.at(name), quantized.at(name)}));
  NBITS_RETURN_IF_ERROR(KeepLive(OriginalRun(picture), original));
  return KeepLive(QuantizedRun(picture), quantized);
}

absl::Status TwinWalk::Run(std::span<const size_t> pictures, const Visit& visit) {
  return ForAll(pictures, threads_, [&](size_t picture) { return RunPicture(picture, visit); });
}

absl::Status TwinWalk::Revisit(std::span<const size_t> pictures, const Visit& visit) {
  const TensorId seen[] = {seen_};
  const std::string name = graph::ValueName(seen_);
  return ForAll(pictures, threads_, [&](size_t picture) -> absl::Status {
    NBITS_ASSIGN_OR_RETURN(TensorMap original, store_.Lend(OriginalRun(picture), seen));
    if (!has_forked_) {
      NBITS_RETURN_IF_ERROR(visit(picture, {original.at(name), original.at(name)}));
      return store_.Return(OriginalRun(picture), seen, original);
    }
    NBITS_ASSIGN_OR_RETURN(TensorMap quantized, store_.Lend(QuantizedRun(picture), seen));
    NBITS_RETURN_IF_ERROR(visit(picture, {original.at(name), quantized.at(name)}));
    NBITS_RETURN_IF_ERROR(store_.Return(OriginalRun(picture), seen, original));
    return store_.Return(QuantizedRun(picture), seen, quantized);
  });
}

absl::Status TwinWalk::Replace(graph::WeightId weight, PackedTensor tensor) {
  PackedTensor& place = quantized_.weights[static_cast<size_t>(weight)];
  NBITS_RETURN_IF_ERROR(graph::AdoptShape(tensor, place.shape));
  place = std::move(tensor);
  has_changed_ = true;
  return absl::OkStatus();
}

void TwinWalk::ReplaceBias(size_t node, std::vector<float> bias) {
  *BiasOf(quantized_.nodes[node]) = std::move(bias);
  has_changed_ = true;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/builder.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/prune.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

// Whether some tensor is too large to be computed while the network is planned.
bool IsLarge(const Graph& graph) {
  constexpr int64_t kMaxFoldedElements = 1 << 20;  // 4 MB; arithmetic on shapes takes a few bytes.
  return std::any_of(graph.tensors.begin(), graph.tensors.end(), [](const TensorInfo& tensor) {
    return Product(tensor.shape) > kMaxFoldedElements;
  });
}

}  // namespace

bool NeedsValues(const absl::Status& status) { return absl::IsFailedPrecondition(status); }

absl::Status ValuesNeededError(absl::string_view what) {
  return absl::FailedPreconditionError(what);
}

void Builder::BeginLayer(std::string name, std::string kind) {
  name_ = std::move(name);
  kind_ = std::move(kind);
}

TensorId Builder::AddTensor(Shape shape, bool constant) {
  graph_.tensors.push_back({name_, std::move(shape)});
  constant_.push_back(constant);
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

absl::StatusOr<TensorId> Builder::AddInput(std::string name, Shape shape) {
  NBITS_RETURN_IF_ERROR(CheckedElementCount(shape).status());
  const TensorId tensor = AddTensor(std::move(shape), false);
  graph_.tensors[tensor].name = std::move(name);
  return tensor;
}

absl::StatusOr<TensorId> Builder::AddKnownInput(std::string name, const Tensor& value) {
  NBITS_ASSIGN_OR_RETURN(const TensorId tensor, AddInput(std::move(name), value.shape));
  known_[tensor] = &value;
  return tensor;
}

absl::StatusOr<std::vector<TensorId>> Builder::Add(Op op, std::vector<TensorId> inputs) {
  Shapes input_shapes;
  for (TensorId input : inputs) input_shapes.push_back(ShapeOf(input));
  NBITS_ASSIGN_OR_RETURN(Shapes shapes, InferShapes(graph_, op, input_shapes));
  const bool constant = std::all_of(inputs.begin(), inputs.end(),
                                    [this](TensorId input) { return constant_[input]; });
  std::vector<TensorId> outputs;
  for (Shape& shape : shapes) outputs.push_back(AddTensor(std::move(shape), constant));
  graph_.nodes.push_back({name_, kind_, std::move(op), std::move(inputs), outputs});
  return outputs;
}

absl::StatusOr<TensorId> Builder::AddOne(Op op, std::vector<TensorId> inputs) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<TensorId> outputs,
                         Add(std::move(op), std::move(inputs)));
  return outputs[0];
}

absl::StatusOr<TensorId> Builder::AddConstant(std::vector<float> values, Shape shape) {
  PackedTensor tensor;
  tensor.shape = std::move(shape);
  auto storage = std::make_shared<std::vector<float>>(std::move(values));
  tensor.bytes = std::as_bytes(std::span<const float>(*storage));
  tensor.owner = storage;
  NBITS_RETURN_IF_ERROR(Validate(tensor));
  return AddOne(Constant{AddWeight(std::move(tensor))}, {});
}

WeightId Builder::AddWeight(PackedTensor tensor) {
  graph_.weights.push_back(std::move(tensor));
  return static_cast<WeightId>(graph_.weights.size() - 1);
}

WeightId Builder::ConstantWeight(TensorId tensor) const {
  for (const Node& node : graph_.nodes) {
    if (node.outputs[0] != tensor) continue;
    const Constant* constant = std::get_if<Constant>(&node.op);
    return constant == nullptr ? kNoWeight : constant->weight;
  }
  return kNoWeight;
}

absl::StatusOr<std::vector<float>> Builder::Values(TensorId tensor) {
  if (const auto known = known_.find(tensor); known != known_.end()) {
    depends_on_values_ = true;
    return known->second->values;
  }
  if (const auto folded = folded_.find(tensor); folded != folded_.end()) return folded->second;
  if (!constant_[tensor] || compile_ == nullptr)
    return ValuesNeededError("values that the network computes");
  Graph graph = SubgraphOf(graph_, tensor);
  if (IsLarge(graph)) return ValuesNeededError("large constants");
  NBITS_ASSIGN_OR_RETURN(const Function function, compile_(std::move(graph)));
  NBITS_ASSIGN_OR_RETURN(TensorMap results, function({}));
  return folded_[tensor] = std::move(results["value"].values);
}

void Builder::Bind(const std::string& blob, TensorId tensor) { blobs_[blob] = tensor; }

absl::StatusOr<TensorId> Builder::Find(const std::string& blob) const {
  const auto found = blobs_.find(blob);
  if (found != blobs_.end()) return found->second;
  return absl::InvalidArgumentError(absl::StrCat("nothing produces the input '", blob, "'"));
}

}  // namespace nbits::graph

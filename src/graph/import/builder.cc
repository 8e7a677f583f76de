#include "graph/import/builder.h"

#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {

void Builder::BeginLayer(std::string name, std::string kind) {
  name_ = std::move(name);
  kind_ = std::move(kind);
}

absl::StatusOr<TensorId> Builder::AddInput(std::string name, Shape shape) {
  NBITS_RETURN_IF_ERROR(CheckedElementCount(shape).status());
  graph_.tensors.push_back({std::move(name), std::move(shape)});
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

absl::StatusOr<std::vector<TensorId>> Builder::Add(Op op, std::vector<TensorId> inputs) {
  Shapes input_shapes;
  for (TensorId input : inputs) input_shapes.push_back(ShapeOf(input));
  NBITS_ASSIGN_OR_RETURN(Shapes shapes, InferShapes(graph_, op, input_shapes));
  std::vector<TensorId> outputs;
  for (Shape& shape : shapes) {
    outputs.push_back(static_cast<TensorId>(graph_.tensors.size()));
    graph_.tensors.push_back({name_, std::move(shape)});
  }
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

void Builder::Bind(const std::string& blob, TensorId tensor) { blobs_[blob] = tensor; }

absl::StatusOr<TensorId> Builder::Find(const std::string& blob) const {
  const auto found = blobs_.find(blob);
  if (found != blobs_.end()) return found->second;
  return absl::InvalidArgumentError(absl::StrCat("nothing produces the input '", blob, "'"));
}

}  // namespace nbits::graph

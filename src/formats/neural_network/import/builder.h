// SPDX-License-Identifier: Apache-2.0
// Grows a Graph node by node, with shapes inferred and checked at every step.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_BUILDER_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/dynamic.h"
#include "graph/graph.h"

namespace nbits::graph {

// Whether `status` says that a layer needs values which are not there before the network runs. No
// other error of this module has its code.
bool NeedsValues(const absl::Status& status);
absl::Status ValuesNeededError(absl::string_view what);

class Builder {
 public:
  // `compile` runs the nodes that compute shapes from constants; without it Values knows none.
  explicit Builder(Compiler compile = nullptr) : compile_(std::move(compile)) {}

  // Names given to the nodes that follow.
  void BeginLayer(std::string name, std::string kind);

  // A tensor without a node: an input of the network.
  absl::StatusOr<TensorId> AddInput(std::string name, Shape shape);
  // An input whose values are there already; they must outlive the builder.
  absl::StatusOr<TensorId> AddKnownInput(std::string name, const Tensor& value);
  // A node; returns its output tensors.
  absl::StatusOr<std::vector<TensorId>> Add(Op op, std::vector<TensorId> inputs);
  // The same for operations with one output.
  absl::StatusOr<TensorId> AddOne(Op op, std::vector<TensorId> inputs);
  // A constant of values made by the importer itself.
  absl::StatusOr<TensorId> AddConstant(std::vector<float> values, Shape shape);
  WeightId AddWeight(PackedTensor tensor);
  // The weight of a tensor that is a Constant; kNoWeight for any other.
  WeightId ConstantWeight(TensorId tensor) const;

  const Shape& ShapeOf(TensorId tensor) const { return graph_.tensors[tensor].shape; }

  // The values of a tensor, where they follow from constants (of at most 2^20 elements) or are
  // those of a known input. NeedsValues otherwise.
  absl::StatusOr<std::vector<float>> Values(TensorId tensor);

  // Blob names of the file. A name written twice means its latest value.
  void Bind(const std::string& blob, TensorId tensor);
  absl::StatusOr<TensorId> Find(const std::string& blob) const;
  const std::map<std::string, TensorId>& blobs() const { return blobs_; }
  // Whether Values has read a known input: the graph then holds for these values only.
  bool depends_on_values() const { return depends_on_values_; }

  Graph& graph() { return graph_; }

 private:
  TensorId AddTensor(Shape shape, bool constant);

  Compiler compile_;
  Graph graph_;
  std::vector<bool> constant_;                     // By TensorId: follows from constants alone.
  std::map<TensorId, const Tensor*> known_;        // Known inputs.
  std::map<TensorId, std::vector<float>> folded_;  // Results of Values.
  bool depends_on_values_ = false;
  std::map<std::string, TensorId> blobs_;
  std::string name_, kind_;
};

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_BUILDER_H_

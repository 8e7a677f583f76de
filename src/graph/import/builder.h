// Grows a Graph node by node, with shapes inferred and checked at every step.
#ifndef NBITS_GRAPH_IMPORT_BUILDER_H_
#define NBITS_GRAPH_IMPORT_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/graph.h"

namespace nbits::graph {

class Builder {
 public:
  // Names given to the nodes that follow.
  void BeginLayer(std::string name, std::string kind);

  // A tensor without a node: an input of the network.
  absl::StatusOr<TensorId> AddInput(std::string name, Shape shape);
  // A node; returns its output tensors.
  absl::StatusOr<std::vector<TensorId>> Add(Op op, std::vector<TensorId> inputs);
  // The same for operations with one output.
  absl::StatusOr<TensorId> AddOne(Op op, std::vector<TensorId> inputs);
  // A constant of values made by the importer itself.
  absl::StatusOr<TensorId> AddConstant(std::vector<float> values, Shape shape);
  WeightId AddWeight(PackedTensor tensor);

  const Shape& ShapeOf(TensorId tensor) const { return graph_.tensors[tensor].shape; }

  // Blob names of the file. A name written twice means its latest value.
  void Bind(const std::string& blob, TensorId tensor);
  absl::StatusOr<TensorId> Find(const std::string& blob) const;

  Graph& graph() { return graph_; }

 private:
  Graph graph_;
  std::map<std::string, TensorId> blobs_;
  std::string name_, kind_;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_IMPORT_BUILDER_H_

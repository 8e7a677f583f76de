// SPDX-License-Identifier: Apache-2.0
// A network as typed operations on tensors of known shape, in execution order.
#ifndef NBITS_GRAPH_GRAPH_H_
#define NBITS_GRAPH_GRAPH_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/figures.h"
#include "graph/ops.h"
#include "nbits/model.h"
#include "nbits/packed_tensor.h"

namespace nbits::graph {

using TensorId = int32_t;  // Index into Graph::tensors.

struct TensorInfo {
  std::string name;
  Shape shape;  // Every extent at least 1, at most kMaxElements elements in all.
};

struct Node {
  std::string name;
  std::string kind;  // The layer type of the file.
  Op op;
  std::vector<TensorId> inputs, outputs;
};

// A feature of the model and the tensor that stands for it inside the network.
struct Port {
  FeatureDescription feature;  // `shape` is what the caller gives or gets.
  TensorId tensor = 0;
};

// A port for an array.
Port ArrayPort(std::string name, Shape shape, TensorId tensor);

class DynamicPart;  // graph/dynamic.h

// Every tensor is written once, by one node or as an input, and read only after that.
struct Graph {
  std::vector<TensorInfo> tensors;
  std::vector<Node> nodes;
  std::vector<PackedTensor> weights;  // Shapes are those the operations expect.
  std::vector<Port> inputs, outputs;
  // What remains of the network behind `outputs`, where shapes follow from values. Usually null.
  std::shared_ptr<const DynamicPart> dynamic;
};

// Limit of one tensor: 8 GiB of Float32. More is a damaged or hostile file.
inline constexpr int64_t kMaxElements = int64_t{1} << 31;

// Elements of `shape`. InvalidArgument when an extent is below 1 or the product above kMaxElements.
absl::StatusOr<int64_t> CheckedElementCount(const Shape& shape);

// Product of the extents [begin, end) of a checked shape.
int64_t Product(const Shape& shape, size_t begin, size_t end);
inline int64_t Product(const Shape& shape) { return Product(shape, 0, shape.size()); }

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_GRAPH_H_

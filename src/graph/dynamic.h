// SPDX-License-Identifier: Apache-2.0
// The part of a network that has no fixed shapes: those that follow from values (whereNonZero,
// reshapeDynamic of computed extents, ...) and loops and branches. It runs layer by layer: layers
// are imported when the shapes of their inputs are there, gathered into a static graph until a
// layer needs a value that the graph is to compute, and the graph is compiled and run.
#ifndef NBITS_GRAPH_DYNAMIC_H_
#define NBITS_GRAPH_DYNAMIC_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/graph.h"
#include "nbits/tensor.h"

namespace nbits::graph {

// A graph made ready to run: from its inputs to its outputs, by the names of their features.
using Function = std::function<absl::StatusOr<TensorMap>(const TensorMap&)>;
// Makes one of a graph without a dynamic part. What executes graphs provides it.
using Compiler = std::function<absl::StatusOr<Function>(Graph)>;

class DynamicPart {
 public:
  virtual ~DynamicPart() = default;

  // The outputs of the whole network in its order; extents that follow from values are those that
  // the file declares, or none.
  virtual const std::vector<FeatureDescription>& outputs() const = 0;

  // From the outputs of the static graph to `outputs()`. May run in several threads at once.
  // InvalidArgument names the layer whose inputs do not fit or whose result would be empty;
  // ResourceExhausted: a loop that does not end.
  virtual absl::StatusOr<TensorMap> Run(const TensorMap& values, const Compiler& compile) const = 0;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_DYNAMIC_H_

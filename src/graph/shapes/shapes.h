// SPDX-License-Identifier: Apache-2.0
// Output shapes of operations, and the check that their inputs fit.
#ifndef NBITS_GRAPH_SHAPES_SHAPES_H_
#define NBITS_GRAPH_SHAPES_SHAPES_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/graph.h"

namespace nbits::graph {

using Shapes = std::vector<Shape>;

// Shapes of the outputs of `op` for inputs of these shapes. InvalidArgument when inputs are too
// few, too many, of a wrong rank or extent, or when an output would be empty or larger than
// kMaxElements. After an OK the kernels need no checks.
absl::StatusOr<Shapes> InferShapes(const Graph& graph, const Op& op, std::span<const Shape> inputs);

// NumPy's rule: aligned at the last axis, extents equal or 1.
absl::StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b);

// An axis in [-rank, rank) counted from the front. InvalidArgument otherwise.
absl::StatusOr<int> ResolveAxis(int64_t axis, size_t rank);

// One function a family; each op's attributes are checked against the inputs.
// shapes/elementwise.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Constant&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Fill&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Range&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Unary&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ChannelActivation&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ChannelAffine&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Binary&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Select&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const BroadcastTo&, std::span<const Shape>);
// shapes/random.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Random&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Categorical&, std::span<const Shape>);
// shapes/reduce.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Reduce&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ArgExtreme&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const CumulativeSum&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const TopK&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ArgSort&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Softmax&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Normalize&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const L2Normalize&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const LocalResponse&, std::span<const Shape>);
// shapes/product.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Convolution&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const DynamicConvolution&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Pool&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const InnerProduct&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const MatrixProduct&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Recurrent&, std::span<const Shape>);
// shapes/volume.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Convolution3d&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Pool3d&, std::span<const Shape>);
// shapes/rearrange.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Concat&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Split&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Slice&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ReverseSequence&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Tile&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Transpose&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Reshape&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Pad&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const MatrixBand&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Reformat&, std::span<const Shape>);
// shapes/spatial.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Resize&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const CropResize&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const GridSample&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Reorganize&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const SlidingWindows&, std::span<const Shape>);
// shapes/lookup.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Embedding&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const Gather&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const GatherAlongAxis&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const GatherNd&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const OneHot&, std::span<const Shape>);
// shapes/scatter.cc
absl::StatusOr<Shapes> Infer(const Graph&, const Scatter&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ScatterAlongAxis&, std::span<const Shape>);
absl::StatusOr<Shapes> Infer(const Graph&, const ScatterNd&, std::span<const Shape>);
// shapes/suppression.cc
absl::StatusOr<Shapes> Infer(const Graph&, const NonMaximumSuppression&, std::span<const Shape>);

// Helpers of those files.
absl::Status CheckInputCount(std::span<const Shape> inputs, size_t expected);
absl::Status CheckRank(const Shape& shape, size_t lowest);
// The weight exists and has exactly this shape.
absl::Status CheckWeight(const Graph& graph, WeightId weight, const Shape& shape);
// The vector is empty or has one of the given lengths.
absl::Status CheckLength(const std::vector<float>& values, int64_t a, int64_t b, const char* what);

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_SHAPES_SHAPES_H_

// SPDX-License-Identifier: Apache-2.0
// Imports reductions, softmax and sorting.
#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

using R = ReduceOperation;
using schema::ReduceLayerParams;

absl::StatusOr<std::vector<int>> ResolveAxes(std::span<const int64_t> axes, size_t rank) {
  std::vector<int> resolved;
  for (int64_t axis : axes) {
    NBITS_ASSIGN_OR_RETURN(const int index, ResolveAxis(axis, rank));
    resolved.push_back(index);
  }
  std::sort(resolved.begin(), resolved.end());
  return resolved;
}

absl::StatusOr<std::vector<int>> LegacyAxes(const ReduceLayerParams& params, size_t rank) {
  static constexpr int64_t kAxes[] = {-3, -2, -1};
  constexpr std::span<const int64_t> kAll(kAxes);
  switch (params.axis()) {
    case ReduceLayerParams::CHW:
      return ResolveAxes(kAll, rank);
    case ReduceLayerParams::HW:
      return ResolveAxes(kAll.subspan(1), rank);
    case ReduceLayerParams::C:
      return ResolveAxes(kAll.subspan(0, 1), rank);
    case ReduceLayerParams::H:
      return ResolveAxes(kAll.subspan(1, 1), rank);
    case ReduceLayerParams::W:
      return ResolveAxes(kAll.subspan(2, 1), rank);
    default:
      return absl::InvalidArgumentError("unknown axis");
  }
}

absl::Status ImportReduce(Layer& layer) {
  const ReduceLayerParams& params = layer.proto.reduce();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const std::vector<int> axes, LegacyAxes(params, shape.size()));
  if (params.mode() == ReduceLayerParams::ARGMAX) {
    if (axes.size() == 1) return layer.Finish(ArgExtreme{true, axes[0], true});
    return absl::InvalidArgumentError("argmax over several axes");
  }
  static constexpr R kOperations[] = {R::kSum, R::kMean, R::kProduct, R::kLogSum, R::kSumOfSquares,
                                      R::kL1,  R::kL2,   R::kMaximum, R::kMinimum};
  const int mode = params.mode();
  if (mode < 0 || mode > 8) return absl::InvalidArgumentError("unknown operation");
  const float epsilon = params.epsilon() == 0 ? 1e-6f : params.epsilon();
  return layer.Finish(Reduce{kOperations[mode], axes, true, epsilon});
}

// reduceL1, reduceSum, ...: the same fields in every message.
template <typename Params>
absl::StatusOr<TensorId> ReduceNd(Layer& layer, const Params& params, ReduceOperation operation) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  std::vector<int> axes(shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (!params.reduceall()) {
    NBITS_ASSIGN_OR_RETURN(axes, ResolveAxes(AsSpan(params.axes()), shape.size()));
  }
  const bool to_scalar = !params.keepdims() && axes.size() == shape.size();
  NBITS_ASSIGN_OR_RETURN(
      TensorId result,
      layer.builder.AddOne(Reduce{operation, axes, params.keepdims() || to_scalar, 0},
                           layer.inputs));
  // The format has no rank 0: a scalar is one value.
  if (to_scalar) {
    NBITS_ASSIGN_OR_RETURN(result, layer.builder.AddOne(Reshape{{1}}, {result}));
  }
  return result;
}

template <typename Params>
absl::Status ImportReduceNd(Layer& layer, const Params& params, ReduceOperation operation) {
  NBITS_ASSIGN_OR_RETURN(const TensorId result, ReduceNd(layer, params, operation));
  return layer.Finish({result});
}

absl::Status ImportReduceL1(Layer& l) { return ImportReduceNd(l, l.proto.reducel1(), R::kL1); }
absl::Status ImportReduceL2(Layer& l) { return ImportReduceNd(l, l.proto.reducel2(), R::kL2); }
absl::Status ImportReduceMax(Layer& l) {
  return ImportReduceNd(l, l.proto.reducemax(), R::kMaximum);
}
absl::Status ImportReduceMin(Layer& l) {
  return ImportReduceNd(l, l.proto.reducemin(), R::kMinimum);
}
absl::Status ImportReduceSum(Layer& l) { return ImportReduceNd(l, l.proto.reducesum(), R::kSum); }
absl::Status ImportReduceProd(Layer& l) {
  return ImportReduceNd(l, l.proto.reduceprod(), R::kProduct);
}
absl::Status ImportReduceMean(Layer& l) {
  return ImportReduceNd(l, l.proto.reducemean(), R::kMean);
}
// The logarithm of the sum, where the older layer's "logsum" is the sum of logarithms.
absl::Status ImportReduceLogSum(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const TensorId sum, ReduceNd(layer, layer.proto.reducelogsum(), R::kSum));
  return layer.Finish(Unary{UnaryFunction::kLog}, {sum});
}
absl::Status ImportReduceSumSquare(Layer& l) {
  return ImportReduceNd(l, l.proto.reducesumsquare(), R::kSumOfSquares);
}
absl::Status ImportReduceLogSumExp(Layer& l) {
  return ImportReduceNd(l, l.proto.reducelogsumexp(), R::kLogSumExp);
}

template <typename Params>
absl::Status ImportArgExtreme(Layer& layer, const Params& params, bool largest) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(params.axis()));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const bool keep = !params.removedim() || shape.size() == 1;
  return layer.Finish(ArgExtreme{largest, axis, keep});
}

absl::Status ImportArgMax(Layer& layer) {
  return ImportArgExtreme(layer, layer.proto.argmax(), true);
}
absl::Status ImportArgMin(Layer& layer) {
  return ImportArgExtreme(layer, layer.proto.argmin(), false);
}

absl::Status ImportSoftmax(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(-3));
  return layer.Finish(Softmax{axis});
}

absl::Status ImportSoftmaxNd(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(layer.proto.softmaxnd().axis()));
  return layer.Finish(Softmax{axis});
}

// An input of one whole number.
absl::StatusOr<int64_t> InputInteger(const Layer& layer, size_t index) {
  NBITS_RETURN_IF_ERROR(layer.InputScalar(index).status());
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> values, layer.InputIntegers(index));
  return values[0];
}

// The axis may be a second input.
absl::Status ImportCumSum(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  const auto& params = layer.proto.cumsum();
  int64_t stated = params.axis();
  if (layer.inputs.size() == 2) {
    NBITS_ASSIGN_OR_RETURN(stated, InputInteger(layer, 1));
  }
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(stated));
  return layer.Finish(CumulativeSum{axis, params.excludefinalsum(), params.reverse()},
                      {layer.inputs[0]});
}

absl::Status ImportTopK(Layer& layer) {
  const auto& params = layer.proto.topk();
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  uint64_t stated = params.k();
  if (layer.inputs.size() == 2) {
    NBITS_ASSIGN_OR_RETURN(const int64_t k, InputInteger(layer, 1));
    stated = static_cast<uint64_t>(std::max<int64_t>(0, k));
  }
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(params.axis()));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, CheckedExtent(stated, "K"));
  return layer.Finish(TopK{axis, count, !params.usebottomk()}, {layer.inputs[0]});
}

absl::Status ImportArgSort(Layer& layer) {
  const auto& params = layer.proto.argsort();
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(params.axis()));
  return layer.Finish(ArgSort{axis, params.descending()});
}

}  // namespace

std::span<const LayerKind> ReduceLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kReduce, "reduce", ImportReduce},
      {L::kReduceL1, "reduceL1", ImportReduceL1},
      {L::kReduceL2, "reduceL2", ImportReduceL2},
      {L::kReduceMax, "reduceMax", ImportReduceMax},
      {L::kReduceMin, "reduceMin", ImportReduceMin},
      {L::kReduceSum, "reduceSum", ImportReduceSum},
      {L::kReduceProd, "reduceProd", ImportReduceProd},
      {L::kReduceMean, "reduceMean", ImportReduceMean},
      {L::kReduceLogSum, "reduceLogSum", ImportReduceLogSum},
      {L::kReduceSumSquare, "reduceSumSquare", ImportReduceSumSquare},
      {L::kReduceLogSumExp, "reduceLogSumExp", ImportReduceLogSumExp},
      {L::kArgMax, "argMax", ImportArgMax},
      {L::kArgMin, "argMin", ImportArgMin},
      {L::kSoftmax, "softmax", ImportSoftmax},
      {L::kSoftmaxND, "softmaxND", ImportSoftmaxNd},
      {L::kCumSum, "cumSum", ImportCumSum},
      {L::kTopK, "topK", ImportTopK},
      {L::kArgSort, "argSort", ImportArgSort},
  };
  return kKinds;
}

}  // namespace nbits::graph

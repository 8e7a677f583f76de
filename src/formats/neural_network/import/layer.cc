// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/layer.h"

#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"
#include "nbits/packed_tensor.h"

namespace nbits::graph {

namespace {

// Gives `tensor` another shape of as many elements. Scales per channel stay with their elements:
// the new shape must have an axis of the same extent at the same place in memory.
absl::Status AdoptShape(PackedTensor& tensor, Shape shape) {
  if (tensor.scale.size() > 1) {
    const int64_t inner = Product(tensor.shape, tensor.channel_axis + 1, tensor.shape.size());
    size_t axis = 0;
    while (axis < shape.size() && (shape[axis] != tensor.shape[tensor.channel_axis] ||
                                   Product(shape, axis + 1, shape.size()) != inner)) {
      ++axis;
    }
    if (axis == shape.size()) {
      return absl::InvalidArgumentError(absl::StrCat("weights of shape ", ShapeText(tensor.shape),
                                                     " (expected ", ShapeText(shape), ")"));
    }
    tensor.channel_axis = static_cast<int>(axis);
  }
  tensor.shape = std::move(shape);
  return absl::OkStatus();
}

}  // namespace

absl::Status Layer::CheckInputs(size_t lowest, size_t highest) const {
  if (inputs.size() >= lowest && inputs.size() <= highest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(inputs.size(), " inputs (expected ", lowest, " to ", highest, ")"));
}

absl::StatusOr<Shape> Layer::InputShape(size_t index, size_t lowest_rank) const {
  if (index >= inputs.size()) {
    return absl::InvalidArgumentError(absl::StrCat("input ", index + 1, " is missing"));
  }
  const Shape& shape = builder.ShapeOf(inputs[index]);
  if (shape.size() >= lowest_rank) return shape;
  return absl::InvalidArgumentError(absl::StrCat("input of shape ", ShapeText(shape),
                                                 " (expected rank ", lowest_rank, " or more)"));
}

absl::StatusOr<Pair> Layer::InputPlane() const {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, InputShape(0, 2));
  return Pair{shape[shape.size() - 2], shape[shape.size() - 1]};
}

absl::StatusOr<int> Layer::InputAxis(int64_t axis) const {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, InputShape());
  return ResolveAxis(axis, shape.size());
}

absl::StatusOr<PackedTensor> Layer::Packed(const schema::WeightParams& params) const {
  const uint32_t index = params.nbits_weight_index();
  if (index == 0) return absl::InvalidArgumentError("weights without values");
  if (index > weights_.size()) return absl::InternalError("weight index out of range");
  const PackedTensor& tensor = weights_[index - 1].tensor;
  NBITS_RETURN_IF_ERROR(Validate(tensor));
  return tensor;
}

absl::StatusOr<WeightId> Layer::Weight(const schema::WeightParams& params, Shape shape) const {
  NBITS_ASSIGN_OR_RETURN(PackedTensor tensor, Packed(params));
  NBITS_ASSIGN_OR_RETURN(const int64_t expected, CheckedElementCount(shape));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(tensor.shape));
  if (count != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat(count, " weights (expected ", ShapeText(shape), ")"));
  }
  NBITS_RETURN_IF_ERROR(AdoptShape(tensor, std::move(shape)));
  return builder.AddWeight(std::move(tensor));
}

absl::StatusOr<std::vector<float>> Layer::Values(const schema::WeightParams& params) const {
  NBITS_ASSIGN_OR_RETURN(const PackedTensor tensor, Packed(params));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(tensor.shape));
  if (count > kMaxElements) return absl::InvalidArgumentError("more than 2^31 weights");
  std::vector<float> values(count);
  NBITS_RETURN_IF_ERROR(Dequantize(tensor, values));
  return values;
}

absl::StatusOr<std::vector<float>> Layer::Vector(const schema::WeightParams& params,
                                                 int64_t length) const {
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, Values(params));
  if (static_cast<int64_t>(values.size()) == length) return values;
  return absl::InvalidArgumentError(
      absl::StrCat("vector of ", values.size(), " values (expected ", length, ")"));
}

absl::StatusOr<std::vector<float>> Layer::InputValues(size_t index) const {
  NBITS_RETURN_IF_ERROR(InputShape(index).status());
  return builder.Values(inputs[index]);
}

absl::StatusOr<std::vector<int64_t>> Layer::InputIntegers(size_t index) const {
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, InputValues(index));
  std::vector<int64_t> integers;
  for (float value : values) {
    if (!(std::abs(value) <= static_cast<float>(kMaxElements))) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", index + 1, " holds ", value, " (expected a whole number)"));
    }
    integers.push_back(static_cast<int64_t>(value));
  }
  return integers;
}

absl::StatusOr<float> Layer::InputScalar(size_t index) const {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, InputShape(index));
  if (Product(shape) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", index + 1, " of shape ", ShapeText(shape), " (expected one value)"));
  }
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, InputValues(index));
  return values[0];
}

absl::Status Layer::Finish(const std::vector<TensorId>& outputs) const {
  if (outputs.size() < static_cast<size_t>(proto.output_size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(proto.output_size(), " outputs (expected ", outputs.size(), ")"));
  }
  for (int i = 0; i < proto.output_size(); ++i) builder.Bind(proto.output(i), outputs[i]);
  return absl::OkStatus();
}

absl::Status Layer::Finish(Op op) const { return Finish(std::move(op), inputs); }

absl::Status Layer::Finish(Op op, std::vector<TensorId> op_inputs) const {
  NBITS_ASSIGN_OR_RETURN(const std::vector<TensorId> outputs,
                         builder.Add(std::move(op), std::move(op_inputs)));
  return Finish(outputs);
}

absl::StatusOr<int64_t> CheckedExtent(uint64_t value, absl::string_view what) {
  if (value >= 1 && value <= static_cast<uint64_t>(kMaxElements))
    return static_cast<int64_t>(value);
  return absl::InvalidArgumentError(absl::StrCat(what, " ", value, " (expected 1..2^31)"));
}

absl::StatusOr<Pair> CheckedPair(std::span<const uint64_t> values, int64_t fallback,
                                 absl::string_view what) {
  if (values.empty()) return Pair{fallback, fallback};
  if (values.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(values.size(), " values of ", what, " (expected height and width)"));
  }
  for (uint64_t value : values) {
    if (value > static_cast<uint64_t>(kMaxElements)) {
      return absl::InvalidArgumentError(absl::StrCat(what, " ", value, " (at most 2^31)"));
    }
  }
  return Pair{static_cast<int64_t>(values[0]), static_cast<int64_t>(values[1])};
}

absl::StatusOr<Shape> CheckedShape(std::span<const uint64_t> values) {
  Shape shape;
  for (uint64_t value : values) {
    NBITS_ASSIGN_OR_RETURN(const int64_t extent, CheckedExtent(value, "extent"));
    shape.push_back(extent);
  }
  NBITS_RETURN_IF_ERROR(CheckedElementCount(shape).status());
  return shape;
}

const LayerKind* FindLayerKind(LayerCase layer) {
  using Table = std::span<const LayerKind> (*)();
  static constexpr auto kTables = std::to_array<Table>(
      {ActivationLayers, ElementwiseLayers, ReduceLayers, ConvolutionLayers, VolumeLayers,
       NormalizationLayers, RearrangeLayers, SliceLayers, ReshapeLayers, SpatialLayers,
       ProductLayers, LookupLayers, ScatterLayers, SuppressionLayers, ConstantLayers, RandomLayers,
       RecurrentLayers, ControlLayers, UnsupportedLayers});
  for (Table table : kTables) {
    for (const LayerKind& kind : table()) {
      if (kind.layer == layer) return &kind;
    }
  }
  return nullptr;
}

}  // namespace nbits::graph

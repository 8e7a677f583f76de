// SPDX-License-Identifier: Apache-2.0
// What an importer of one layer type works with.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_LAYER_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_LAYER_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/neural_network/import/builder.h"
#include "nbits/model.h"
#include "proto/neural_network.pb.h"

namespace nbits::graph {

// One layer of the file on its way into the graph. Its importer ends with Finish.
class Layer {
 public:
  Layer(const schema::NeuralNetworkLayer& source, std::vector<TensorId> layer_inputs,
        std::span<const WeightRef> weights, bool rank5, Builder& layer_builder)
      : proto(source),
        inputs(std::move(layer_inputs)),
        builder(layer_builder),
        weights_(weights),
        rank5_(rank5) {}

  const schema::NeuralNetworkLayer& proto;
  const std::vector<TensorId> inputs;
  Builder& builder;

  // Older networks, in which every tensor is [sequence, batch, channels, height, width].
  bool rank5() const { return rank5_; }
  absl::Status CheckInputs(size_t lowest, size_t highest) const;
  // InvalidArgument when there is no such input or its rank is below `lowest_rank`.
  absl::StatusOr<Shape> InputShape(size_t index = 0, size_t lowest_rank = 0) const;
  // Height and width (the last two axes) of the first input.
  absl::StatusOr<Pair> InputPlane() const;
  // An axis of the first input, counted from the front; InvalidArgument when it has none such.
  absl::StatusOr<int> InputAxis(int64_t axis) const;

  // A weight of the file, as a tensor of the given shape (which must have as many elements).
  absl::StatusOr<WeightId> Weight(const schema::WeightParams& params, Shape shape) const;
  // All its values decoded; for vectors.
  absl::StatusOr<std::vector<float>> Values(const schema::WeightParams& params) const;
  // The same, with the length checked.
  absl::StatusOr<std::vector<float>> Vector(const schema::WeightParams& params,
                                            int64_t length) const;

  // All values of an input that decides over shapes; the second as whole numbers of at most 2^31 in
  // size (fractions are cut off, as the format's runtime does). NeedsValues when they are not there
  // yet: the layer is then imported again while the network runs.
  absl::StatusOr<std::vector<float>> InputValues(size_t index) const;
  absl::StatusOr<std::vector<int64_t>> InputIntegers(size_t index) const;
  // An input of one value. InvalidArgument when it has more.
  absl::StatusOr<float> InputScalar(size_t index) const;

  // Binds the layer's output names to these tensors. InvalidArgument when there are too few.
  absl::Status Finish(const std::vector<TensorId>& outputs) const;
  // Adds `op` on all inputs of the layer and finishes with its outputs.
  absl::Status Finish(Op op) const;
  absl::Status Finish(Op op, std::vector<TensorId> op_inputs) const;

 private:
  absl::StatusOr<PackedTensor> Packed(const schema::WeightParams& params) const;

  std::span<const WeightRef> weights_;
  bool rank5_;
};

// Attributes of the file as checked numbers. InvalidArgument names `what`.
absl::StatusOr<int64_t> CheckedExtent(uint64_t value, absl::string_view what);  // 1..2^31
// Two values (height, width), each at most 2^31, or `fallback` when the field is not set.
absl::StatusOr<Pair> CheckedPair(std::span<const uint64_t> values, int64_t fallback,
                                 absl::string_view what);
absl::StatusOr<Shape> CheckedShape(std::span<const uint64_t> values);

// The values of an input as a shape. NeedsValues when they are not there yet.
absl::StatusOr<Shape> ShapeFromInput(const Layer& layer, size_t index);

template <typename Repeated>
std::span<const typename Repeated::value_type> AsSpan(const Repeated& field) {
  return {field.data(), static_cast<size_t>(field.size())};
}

using LayerCase = schema::NeuralNetworkLayer::LayerCase;
using ImportFunction = absl::Status (*)(Layer&);
struct LayerKind {
  LayerCase layer;
  absl::string_view name;  // As in the schema.
  ImportFunction import;   // Null: not supported.
};

// Tables of the layer families, one a file.
std::span<const LayerKind> ActivationLayers();
std::span<const LayerKind> ElementwiseLayers();
std::span<const LayerKind> ReduceLayers();
std::span<const LayerKind> ConvolutionLayers();
std::span<const LayerKind> NormalizationLayers();
std::span<const LayerKind> RearrangeLayers();
std::span<const LayerKind> SliceLayers();
std::span<const LayerKind> ReshapeLayers();
std::span<const LayerKind> SpatialLayers();
std::span<const LayerKind> ProductLayers();
std::span<const LayerKind> VolumeLayers();
std::span<const LayerKind> LookupLayers();
std::span<const LayerKind> ScatterLayers();
std::span<const LayerKind> SuppressionLayers();
std::span<const LayerKind> RandomLayers();
std::span<const LayerKind> ConstantLayers();
std::span<const LayerKind> RecurrentLayers();
std::span<const LayerKind> ControlLayers();
std::span<const LayerKind> UnsupportedLayers();

// The row of a layer type; null for one that the schema does not know.
const LayerKind* FindLayerKind(LayerCase layer);

// The activation as a function without per-channel parameters. Unimplemented for PReLU and
// parametric softplus; used by recurrent layers.
absl::StatusOr<Unary> UnaryOf(const schema::ActivationParams& params);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_LAYER_H_

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/packed/packed_kernel.h"

#include <algorithm>

#include "engine/kernels/common/vector_rows.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/packed/packed_matrix.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::InnerProduct;

// Values of vector n from n * stride on, `step` apart.
struct Vectors {
  int64_t count, stride, step;
};

// act(scale * (matrix times vectors) + bias); what is empty is left out.
struct PackedLayer {
  int64_t inputs, outputs;
  graph::WeightId weight;
  Vectors in, out;
  const std::vector<float>*scale, *bias;
  const std::optional<graph::Unary>* activation;
};

const std::vector<float> kNoFactors;

PackedLayer LayerOf(const InnerProduct& op) {
  const int64_t rows = graph::Product(op.output_shape) / op.output_channels;
  return {op.input_channels,
          op.output_channels,
          op.weight,
          {rows, op.input_channels, 1},
          {rows, op.output_channels, 1},
          &kNoFactors,
          &op.bias,
          &op.activation};
}

// Of one picture, or of pictures of one pixel.
PackedLayer LayerOf(const Convolution& op, const Shape& source) {
  const int64_t channels = source[source.size() - 3], pixels = op.output[0] * op.output[1];
  const int64_t pictures = graph::Product(source) / (channels * pixels);
  const bool is_single = pixels == 1;
  return {channels,
          op.output_channels,
          op.weight,
          {pictures * pixels, is_single ? channels : 1, pixels},
          {pictures * pixels, is_single ? op.output_channels : 1, pixels},
          &op.scale,
          &op.bias,
          &op.activation};
}

bool IsPackedConvolution(const Convolution& op, const Shape& source) {
  if (!op.window.is_pixelwise() || op.groups != 1 || op.transposed) return false;
  if (op.adds() || op.reads_others()) return false;
  const int64_t pixels = op.output[0] * op.output[1];
  const int64_t pictures = graph::Product(source) / (source[source.size() - 3] * pixels);
  return pixels * pictures <= kMostPackedVectors && (pixels == 1 || pictures == 1);
}

std::optional<PackedLayer> PackedLayerOf(const graph::Graph& graph, const graph::Node& node) {
  if (const auto* op = std::get_if<InnerProduct>(&node.op)) {
    const PackedLayer layer = LayerOf(*op);
    return layer.in.count <= kMostPackedVectors ? std::optional(layer) : std::nullopt;
  }
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr) return std::nullopt;
  const Shape& source = graph.tensors[node.inputs[0]].shape;
  return IsPackedConvolution(*op, source) ? std::optional(LayerOf(*op, source)) : std::nullopt;
}

class PackedKernel : public Kernel {
 public:
  PackedKernel(const PackedLayer& layer, const PackedTensor& weights, int threads)
      : layer_(layer), matrix_(weights, layer.outputs, layer.inputs), threads_(threads) {}

  absl::string_view name() const override { return "packed"; }
  bool decodes_whole_weights() const override { return false; }
  int64_t workspace_bytes() const override {
    return AlignedSize(4 * matrix_.ArrangedFloats(layer_.in.count)) +
           threads_ * AlignedSize(4 * ItemFloats());
  }

  absl::Status Run(const Call& call) const override {
    const int threads = std::min(call.threads, threads_);
    float* arranged = call.workspace.Floats(matrix_.ArrangedFloats(layer_.in.count));
    const ArrangedVectors vectors = matrix_.Arrange(call.inputs[0].data, layer_.in.count,
                                                    layer_.in.stride, layer_.in.step, arranged);
    std::vector<float*> scratch;
    for (int i = 0; i < threads; ++i) scratch.push_back(call.workspace.Floats(ItemFloats()));
    const int64_t step = matrix_.RowsPerItem();
    ForWorkers((layer_.outputs + step - 1) / step, threads, [&](int64_t item, int64_t worker) {
      const int64_t begin = item * step;
      RunRows(vectors, begin, std::min(layer_.outputs, begin + step), scratch[worker],
              call.outputs[0].data);
    });
    return absl::OkStatus();
  }

 private:
  // Results of one item that are not side by side in the output.
  int64_t ItemFloats() const {
    if (layer_.out.step == 1) return 0;
    return layer_.out.count * std::min(layer_.outputs, matrix_.RowsPerItem());
  }

  void RunRows(const ArrangedVectors& vectors, int64_t begin, int64_t end, float* scratch,
               float* out) const {
    const bool is_in_place = layer_.out.step == 1;
    const int64_t count = end - begin, pitch = is_in_place ? layer_.out.stride : count;
    float* rows = is_in_place ? out + begin : scratch;
    matrix_.Multiply(vectors, begin, end, rows, pitch);
    for (int64_t n = 0; n < vectors.count; ++n) Finish(begin, count, rows + n * pitch);
    for (int64_t n = 0; n < vectors.count && !is_in_place; ++n) {
      float* to = out + n * layer_.out.stride + begin * layer_.out.step;
      for (int64_t r = 0; r < count; ++r) to[r * layer_.out.step] = rows[n * pitch + r];
    }
  }

  // Scale, bias and activation of outputs [begin, begin + count) of one vector.
  void Finish(int64_t begin, int64_t count, float* values) const {
    const auto *scale = layer_.scale, *bias = layer_.bias;
    for (int64_t r = 0; r < count && !scale->empty(); ++r) values[r] *= (*scale)[begin + r];
    for (int64_t r = 0; r < count && !bias->empty(); ++r) values[r] += (*bias)[begin + r];
    if (*layer_.activation) UnaryRow(**layer_.activation, values, values, count);
  }

  PackedLayer layer_;
  PackedMatrix matrix_;
  int threads_;
};

}  // namespace

std::optional<NodeFormats> ChoosePackedFormats(const graph::Graph& graph, const graph::Node& node,
                                               std::span<const Format>, const EngineOptions&) {
  if (!PackedLayerOf(graph, node)) return std::nullopt;
  return PlanarFormats(node);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakePackedKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options) {
  if (!AllPlanar(formats)) return nullptr;
  const std::optional<PackedLayer> layer = PackedLayerOf(graph, node);
  if (!layer) return nullptr;
  return std::make_unique<PackedKernel>(*layer, graph.weights[layer->weight], options.threads);
}

}  // namespace nbits

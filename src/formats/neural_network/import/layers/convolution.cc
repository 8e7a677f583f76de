// SPDX-License-Identifier: Apache-2.0
// Imports convolution, deconvolution and pooling.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/window.h"

namespace nbits::graph {
namespace {

using schema::ConvolutionLayerParams;
using schema::PoolingLayerParams;

absl::Status SetBorders(Window& window, const schema::BorderAmounts& amounts) {
  if (amounts.borderamounts_size() == 0) return absl::OkStatus();
  if (amounts.borderamounts_size() != 2) {
    return absl::InvalidArgumentError("padding is not given for height and width");
  }
  for (int axis = 0; axis < 2; ++axis) {
    const auto& edge = amounts.borderamounts(axis);
    if (edge.startedgesize() > kMaxWindowAttribute || edge.endedgesize() > kMaxWindowAttribute) {
      return absl::InvalidArgumentError("padding of more than 2^30");
    }
    window.pad_begin[axis] = static_cast<int64_t>(edge.startedgesize());
    window.pad_end[axis] = static_cast<int64_t>(edge.endedgesize());
  }
  return absl::OkStatus();
}

bool TopLeftHeavy(const schema::SamePadding& same) {
  return same.asymmetrymode() == schema::SamePadding::TOP_LEFT_HEAVY;
}

// Kernel, stride and dilation; paddings stay 0.
template <typename Params>
absl::StatusOr<Window> ReadWindow(const Params& params) {
  Window window;
  NBITS_ASSIGN_OR_RETURN(window.kernel, CheckedPair(AsSpan(params.kernelsize()), 3, "kernel"));
  NBITS_ASSIGN_OR_RETURN(window.stride, CheckedPair(AsSpan(params.stride()), 1, "stride"));
  if constexpr (requires { params.dilationfactor(); }) {
    NBITS_ASSIGN_OR_RETURN(window.dilation,
                           CheckedPair(AsSpan(params.dilationfactor()), 1, "dilation"));
  }
  return window;
}

// Crops a full deconvolution result to `output`, split as "same" padding is.
void CropTo(Window& window, const Pair& input, const Pair& output, bool top_left_heavy) {
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t full = (input[axis] - 1) * window.stride[axis] + DilatedKernel(window, axis);
    const int64_t total = std::max<int64_t>(0, full - output[axis]);
    window.pad_begin[axis] = top_left_heavy ? (total + 1) / 2 : total / 2;
    window.pad_end[axis] = total - window.pad_begin[axis];
  }
}

absl::StatusOr<Pair> PlaceDeconvolution(const ConvolutionLayerParams& params, const Pair& input,
                                        Window& window) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  Pair output = {input[0] * window.stride[0], input[1] * window.stride[1]};
  NBITS_ASSIGN_OR_RETURN(const Pair stated,
                         CheckedPair(AsSpan(params.outputshape()), 0, "output shape"));
  const bool has_shape = params.outputshape_size() != 0;
  if (has_shape) output = stated;
  if (params.has_same()) {
    CropTo(window, input, output, TopLeftHeavy(params.same()));
    return output;
  }
  NBITS_RETURN_IF_ERROR(SetBorders(window, params.valid().paddingamounts()));
  if (has_shape) return output;
  return TransposedOutput(window, input);
}

absl::StatusOr<Pair> PlaceConvolution(const ConvolutionLayerParams& params, const Pair& input,
                                      Window& window) {
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  if (params.has_same()) {
    PadToSame(window, input, TopLeftHeavy(params.same()));
  } else {
    NBITS_RETURN_IF_ERROR(SetBorders(window, params.valid().paddingamounts()));
  }
  return ValidOutput(window, input);
}

// What does not concern the weights' values.
absl::StatusOr<Convolution> ReadConvolution(const Layer& layer,
                                            const ConvolutionLayerParams& params) {
  NBITS_ASSIGN_OR_RETURN(const Pair input, layer.InputPlane());
  Convolution op;
  op.transposed = params.isdeconvolution();
  NBITS_ASSIGN_OR_RETURN(op.window, ReadWindow(params));
  NBITS_ASSIGN_OR_RETURN(op.output, op.transposed ? PlaceDeconvolution(params, input, op.window)
                                                  : PlaceConvolution(params, input, op.window));
  NBITS_ASSIGN_OR_RETURN(op.output_channels,
                         CheckedExtent(params.outputchannels(), "output channels"));
  NBITS_ASSIGN_OR_RETURN(op.groups,
                         CheckedExtent(std::max<uint64_t>(1, params.ngroups()), "groups"));
  if (params.hasbias()) {
    NBITS_ASSIGN_OR_RETURN(op.bias, layer.Vector(params.bias(), op.output_channels));
  }
  return op;
}

// Weights as a second input. Those that stand in the file after all are taken from there.
absl::Status FinishDynamic(Layer& layer, Convolution op) {
  if (op.transposed) return absl::InvalidArgumentError("a deconvolution of two inputs");
  const WeightId weight = layer.builder.ConstantWeight(layer.inputs[1]);
  if (weight == kNoWeight) return layer.Finish(DynamicConvolution{std::move(op)});
  op.weight = weight;
  return layer.Finish(std::move(op), {layer.inputs[0]});
}

absl::Status ImportConvolution(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  const ConvolutionLayerParams& params = layer.proto.convolution();
  NBITS_ASSIGN_OR_RETURN(Convolution op, ReadConvolution(layer, params));
  if (layer.inputs.size() == 2) return FinishDynamic(layer, std::move(op));
  NBITS_ASSIGN_OR_RETURN(const int64_t kernel_channels,
                         CheckedExtent(params.kernelchannels(), "kernel channels"));
  const Pair& kernel = op.window.kernel;
  Shape shape = {op.output_channels, kernel_channels, kernel[0], kernel[1]};
  if (op.transposed)
    shape = {kernel_channels, op.output_channels / op.groups, kernel[0], kernel[1]};
  NBITS_ASSIGN_OR_RETURN(op.weight, layer.Weight(params.weights(), std::move(shape)));
  return layer.Finish(std::move(op));
}

absl::StatusOr<Pair> PlacePool(const PoolingLayerParams& params, const Pair& input,
                               Window& window) {
  if (params.globalpooling()) {
    window.kernel = input;
    window.stride = {1, 1};
    return Pair{1, 1};
  }
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  if (params.has_same()) {
    PadToSame(window, input, TopLeftHeavy(params.same()));
    return ValidOutput(window, input);
  }
  if (params.has_includelastpixel()) {
    NBITS_ASSIGN_OR_RETURN(
        window.pad_begin,
        CheckedPair(AsSpan(params.includelastpixel().paddingamounts()), 0, "padding"));
    window.pad_end = window.pad_begin;
    return CompleteOutput(window, input);
  }
  NBITS_RETURN_IF_ERROR(SetBorders(window, params.valid().paddingamounts()));
  return ValidOutput(window, input);
}

absl::Status ImportPooling(Layer& layer) {
  const PoolingLayerParams& params = layer.proto.pooling();
  NBITS_ASSIGN_OR_RETURN(const Pair input, layer.InputPlane());
  static constexpr PoolFunction kFunctions[] = {PoolFunction::kMaximum, PoolFunction::kAverage,
                                                PoolFunction::kL2};
  if (params.type() < 0 || params.type() > 2) return absl::InvalidArgumentError("unknown type");
  Pool op;
  op.function = kFunctions[params.type()];
  op.exclude_padding = params.avgpoolexcludepadding();
  NBITS_ASSIGN_OR_RETURN(op.window, ReadWindow(params));
  NBITS_ASSIGN_OR_RETURN(op.output, PlacePool(params, input, op.window));
  return layer.Finish(op);
}

}  // namespace

std::span<const LayerKind> ConvolutionLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kConvolution, "convolution", ImportConvolution},
      {L::kPooling, "pooling", ImportPooling},
  };
  return kKinds;
}

}  // namespace nbits::graph

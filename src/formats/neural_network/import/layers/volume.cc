// SPDX-License-Identifier: Apache-2.0
// Imports convolution and pooling over depth, height and width.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/axis_window.h"

namespace nbits::graph {
namespace {

using schema::Convolution3DLayerParams;
using schema::Pooling3DLayerParams;

enum class Padding : uint8_t { kCustom, kValid, kSame };  // As both messages number them.

absl::StatusOr<Padding> PaddingOf(int type) {
  if (type < 0 || type > 2) return absl::InvalidArgumentError("unknown padding");
  return static_cast<Padding>(type);
}

// Kernel, stride and custom padding, whose fields the messages share. Negative values are refused
// with the window.
template <typename Params>
VolumeWindow ReadWindow(const Params& p) {
  VolumeWindow window;
  window[0] = {.kernel = p.kerneldepth(),
               .stride = p.stridedepth(),
               .pad_begin = p.custompaddingfront(),
               .pad_end = p.custompaddingback()};
  window[1] = {.kernel = p.kernelheight(),
               .stride = p.strideheight(),
               .pad_begin = p.custompaddingtop(),
               .pad_end = p.custompaddingbottom()};
  window[2] = {.kernel = p.kernelwidth(),
               .stride = p.stridewidth(),
               .pad_begin = p.custompaddingleft(),
               .pad_end = p.custompaddingright()};
  return window;
}

absl::StatusOr<Shape> InputVolume(const Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  if (shape.size() == 5) return Shape(shape.begin() + 2, shape.end());
  return absl::InvalidArgumentError(
      absl::StrCat("input of shape ", ShapeText(shape), " (expected rank 5)"));
}

// Sets the padding of one axis and returns the output's extent.
absl::StatusOr<int64_t> PlaceAxis(Padding padding, int64_t input, AxisWindow& window) {
  if (padding != Padding::kCustom) window.pad_begin = window.pad_end = 0;
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  if (padding == Padding::kSame) PadToSame(window, input);
  return ValidOutput(window, input);
}

// The same for a deconvolution; `stated` is the extent that the file gives, or 0.
absl::StatusOr<int64_t> PlaceTransposedAxis(Padding padding, int64_t input, int64_t stated,
                                            AxisWindow& window) {
  if (padding != Padding::kCustom) window.pad_begin = window.pad_end = 0;
  NBITS_RETURN_IF_ERROR(CheckWindow(window));
  if (padding == Padding::kSame) {
    const int64_t output = stated > 0 ? stated : input * window.stride;
    CropToSame(window, input, output);
    return output;
  }
  if (stated > 0) return stated;
  return TransposedOutput(window, input);
}

absl::Status PlaceConvolution(const Layer& layer, const Convolution3DLayerParams& params,
                              Convolution3d& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, InputVolume(layer));
  NBITS_ASSIGN_OR_RETURN(const Padding padding, PaddingOf(params.paddingtype()));
  Shape stated = {0, 0, 0};
  if (op.transposed && params.outputshape_size() != 0) {
    NBITS_ASSIGN_OR_RETURN(stated, CheckedShape(AsSpan(params.outputshape())));
    if (stated.size() != 3) return absl::InvalidArgumentError("output shape without 3 extents");
  }
  for (size_t axis = 0; axis < 3; ++axis) {
    NBITS_ASSIGN_OR_RETURN(
        op.output[axis],
        op.transposed ? PlaceTransposedAxis(padding, input[axis], stated[axis], op.window[axis])
                      : PlaceAxis(padding, input[axis], op.window[axis]));
  }
  return absl::OkStatus();
}

// A channel count or the like; 0 means 1.
absl::StatusOr<int64_t> CheckedCount(int32_t value, absl::string_view what) {
  return CheckedExtent(static_cast<uint64_t>(std::max(0, value)), what);
}

absl::Status ImportConvolution3d(Layer& layer) {
  const Convolution3DLayerParams& params = layer.proto.convolution3d();
  Convolution3d op;
  op.transposed = params.isdeconvolution();
  op.window = ReadWindow(params);
  const int32_t dilations[] = {params.dilationdepth(), params.dilationheight(),
                               params.dilationwidth()};
  // The schema's 0 is what a file that does not state a dilation has.
  for (size_t axis = 0; axis < 3; ++axis) {
    op.window[axis].dilation = dilations[axis] == 0 ? 1 : dilations[axis];
  }
  NBITS_RETURN_IF_ERROR(PlaceConvolution(layer, params, op));
  NBITS_ASSIGN_OR_RETURN(op.output_channels,
                         CheckedCount(params.outputchannels(), "output channels"));
  NBITS_ASSIGN_OR_RETURN(const int64_t input_channels,
                         CheckedCount(params.inputchannels(), "input channels"));
  NBITS_ASSIGN_OR_RETURN(op.groups, CheckedCount(std::max(1, params.ngroups()), "groups"));
  Shape shape = op.transposed ? Shape{input_channels, op.output_channels / op.groups}
                              : Shape{op.output_channels, input_channels / op.groups};
  for (const AxisWindow& axis : op.window) shape.push_back(axis.kernel);
  NBITS_ASSIGN_OR_RETURN(op.weight, layer.Weight(params.weights(), std::move(shape)));
  if (params.hasbias()) {
    NBITS_ASSIGN_OR_RETURN(op.bias, layer.Vector(params.bias(), op.output_channels));
  }
  return layer.Finish(std::move(op));
}

absl::Status ImportPooling3d(Layer& layer) {
  const Pooling3DLayerParams& params = layer.proto.pooling3d();
  NBITS_ASSIGN_OR_RETURN(const Shape input, InputVolume(layer));
  NBITS_ASSIGN_OR_RETURN(const Padding padding, PaddingOf(params.paddingtype()));
  Pool3d op{.maximum = params.type() == Pooling3DLayerParams::MAX,
            .window = ReadWindow(params),
            .exclude_padding = params.countexcludepadding()};
  for (size_t axis = 0; axis < 3; ++axis) {
    NBITS_ASSIGN_OR_RETURN(op.output[axis], PlaceAxis(padding, input[axis], op.window[axis]));
  }
  return layer.Finish(op);
}

absl::Status ImportGlobalPooling3d(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape input, InputVolume(layer));
  Pool3d op;
  op.maximum = layer.proto.globalpooling3d().type() == schema::GlobalPooling3DLayerParams::MAX;
  for (size_t axis = 0; axis < 3; ++axis) op.window[axis].kernel = input[axis];
  return layer.Finish(op);
}

}  // namespace

std::span<const LayerKind> VolumeLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kConvolution3D, "convolution3d", ImportConvolution3d},
      {L::kPooling3D, "pooling3d", ImportPooling3d},
      {L::kGlobalPooling3D, "globalPooling3d", ImportGlobalPooling3d},
  };
  return kKinds;
}

}  // namespace nbits::graph

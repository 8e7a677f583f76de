// SPDX-License-Identifier: Apache-2.0
// Imports layers that resample or pad height and width.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/grid.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

using schema::UpsampleLayerParams;

absl::StatusOr<GridMode> GridModeOf(const schema::SamplingMode& mode) {
  static constexpr GridMode kModes[] = {GridMode::kStrictAlignEndpoints, GridMode::kAlignEndpoints,
                                        GridMode::kUpsample, GridMode::kRoiAlign};
  const int method = mode.samplingmethod();
  if (method < 0 || method > 3) return absl::InvalidArgumentError("unknown sampling method");
  return kModes[method];
}

absl::StatusOr<std::array<double, 2>> ScaleOf(const UpsampleLayerParams& params) {
  std::array<double, 2> scale = {1, 1};
  if (params.fractionalscalingfactor_size() == 2) {
    for (int axis = 0; axis < 2; ++axis) scale[axis] = params.fractionalscalingfactor(axis);
  } else {
    NBITS_ASSIGN_OR_RETURN(const Pair factors,
                           CheckedPair(AsSpan(params.scalingfactor()), 1, "scaling factor"));
    scale = {static_cast<double>(factors[0]), static_cast<double>(factors[1])};
  }
  for (double factor : scale) {
    if (!(factor > 0 && factor <= 65536)) {
      return absl::InvalidArgumentError(absl::StrCat("scaling factor ", factor));
    }
  }
  return scale;
}

Grid UpsampleGrid(const UpsampleLayerParams& params, int64_t input, int64_t output) {
  if (params.mode() == UpsampleLayerParams::NN) {
    return {0, static_cast<double>(input) / static_cast<double>(output)};
  }
  switch (params.linearupsamplemode()) {
    case UpsampleLayerParams::ALIGN_CORNERS_TRUE:
      return SamplingGrid(GridMode::kStrictAlignEndpoints, input, output);
    case UpsampleLayerParams::ALIGN_CORNERS_FALSE: {
      const double step = static_cast<double>(input) / static_cast<double>(output);
      return {0.5 * step - 0.5, step};
    }
    default:
      return SamplingGrid(GridMode::kUpsample, input, output);
  }
}

absl::Status ImportUpsample(Layer& layer) {
  const UpsampleLayerParams& params = layer.proto.upsample();
  NBITS_ASSIGN_OR_RETURN(const Pair input, layer.InputPlane());
  NBITS_ASSIGN_OR_RETURN(const auto scale, ScaleOf(params));
  Resize op;
  op.bilinear = params.mode() == UpsampleLayerParams::BILINEAR;
  for (int axis = 0; axis < 2; ++axis) {
    const double extent = std::floor(static_cast<double>(input[axis]) * scale[axis]);
    op.output[axis] = static_cast<int64_t>(extent);
    if (op.output[axis] < 1) return absl::InvalidArgumentError("the result is empty");
    const Grid grid = UpsampleGrid(params, input[axis], op.output[axis]);
    op.start[axis] = grid.start;
    op.step[axis] = grid.step;
  }
  return layer.Finish(op);
}

absl::StatusOr<Pair> TargetSize(std::span<const uint64_t> values) {
  NBITS_ASSIGN_OR_RETURN(const Pair size, CheckedPair(values, 1, "target size"));
  if (size[0] < 1 || size[1] < 1) return absl::InvalidArgumentError("target size 0");
  return size;
}

absl::Status ImportResizeBilinear(Layer& layer) {
  const auto& params = layer.proto.resizebilinear();
  NBITS_ASSIGN_OR_RETURN(const Pair input, layer.InputPlane());
  NBITS_ASSIGN_OR_RETURN(const GridMode mode, GridModeOf(params.mode()));
  Resize op{.bilinear = true};
  NBITS_ASSIGN_OR_RETURN(op.output, TargetSize(AsSpan(params.targetsize())));
  for (int axis = 0; axis < 2; ++axis) {
    const Grid grid = SamplingGrid(mode, input[axis], op.output[axis]);
    op.start[axis] = grid.start;
    op.step[axis] = grid.step;
  }
  return layer.Finish(op);
}

absl::Status ImportCropResize(Layer& layer) {
  const auto& params = layer.proto.cropresize();
  using Box = schema::BoxCoordinatesMode;
  const int mode = params.boxindicesmode().boxmode();
  CropResize op;
  NBITS_ASSIGN_OR_RETURN(op.output, TargetSize(AsSpan(params.targetsize())));
  NBITS_ASSIGN_OR_RETURN(op.grid, GridModeOf(params.mode()));
  op.normalized = params.normalizedcoordinates();
  op.center_size = mode == Box::CENTER_SIZE_HEIGHT_FIRST || mode == Box::CENTER_SIZE_WIDTH_FIRST;
  op.width_first = mode == Box::CORNERS_WIDTH_FIRST || mode == Box::CENTER_SIZE_WIDTH_FIRST;
  op.spatial_scale = params.spatialscale() == 0 ? 1 : params.spatialscale();
  return layer.Finish(op);
}

absl::Status ImportPadding(Layer& layer) {
  const auto& params = layer.proto.padding();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 2));
  Pad op;
  if (params.has_reflection()) op.mode = PadMode::kReflect;
  if (params.has_replication()) op.mode = PadMode::kReplicate;
  op.value = params.constant().value();
  op.before.assign(shape.size(), 0);
  op.after.assign(shape.size(), 0);
  const auto& amounts = params.paddingamounts();
  for (int i = 0; i < std::min(2, amounts.borderamounts_size()); ++i) {
    const size_t axis = shape.size() - 2 + i;
    const auto& edge = amounts.borderamounts(i);
    const uint64_t limit = static_cast<uint64_t>(kMaxElements);
    op.before[axis] = static_cast<int64_t>(std::min(edge.startedgesize(), limit));
    op.after[axis] = static_cast<int64_t>(std::min(edge.endedgesize(), limit));
  }
  return layer.Finish(std::move(op));
}

// Two amounts an axis, as a second input or as a parameter.
absl::StatusOr<std::vector<int64_t>> PadAmounts(const Layer& layer, size_t rank) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  std::vector<int64_t> amounts;
  if (layer.inputs.size() == 2) {
    NBITS_ASSIGN_OR_RETURN(amounts, layer.InputIntegers(1));
  } else {
    for (uint64_t amount : layer.proto.constantpad().padamounts()) {
      amounts.push_back(static_cast<int64_t>(std::min<uint64_t>(amount, kMaxElements)));
    }
  }
  if (amounts.size() == 2 * rank) return amounts;
  return absl::InvalidArgumentError("two amounts an axis are needed");
}

// Amounts before and after each axis; or, with the flag, the extent that the axis is to reach.
absl::Status ImportConstantPad(Layer& layer) {
  const auto& params = layer.proto.constantpad();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(std::vector<int64_t> amounts, PadAmounts(layer, shape.size()));
  Pad op{.value = params.value()};
  for (size_t i = 0; i < amounts.size(); ++i) {
    if (params.padtogivenoutputsizemode() && amounts[i] > 0) {
      amounts[i] = std::max<int64_t>(0, amounts[i] - shape[i / 2]);
    }
    (i % 2 == 0 ? op.before : op.after).push_back(amounts[i]);
  }
  return layer.Finish(std::move(op), {layer.inputs[0]});
}

absl::Status ImportReorganize(Layer& layer) {
  const auto& params = layer.proto.reorganizedata();
  using Mode = Reorganize::Mode;
  static constexpr Mode kModes[] = {Mode::kSpaceToDepth, Mode::kDepthToSpace, Mode::kPixelShuffle};
  if (params.mode() < 0 || params.mode() > 2) return absl::InvalidArgumentError("unknown mode");
  NBITS_ASSIGN_OR_RETURN(const int64_t block, CheckedExtent(params.blocksize(), "block size"));
  return layer.Finish(Reorganize{kModes[params.mode()], block});
}

absl::Status ImportSlidingWindows(Layer& layer) {
  const auto& params = layer.proto.slidingwindows();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(params.axis(), shape.size()));
  NBITS_ASSIGN_OR_RETURN(const int64_t size, CheckedExtent(params.windowsize(), "window"));
  NBITS_ASSIGN_OR_RETURN(const int64_t step, CheckedExtent(params.step(), "step"));
  return layer.Finish(SlidingWindows{axis, size, step});
}

}  // namespace

std::span<const LayerKind> SpatialLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kUpsample, "upsample", ImportUpsample},
      {L::kResizeBilinear, "resizeBilinear", ImportResizeBilinear},
      {L::kCropResize, "cropResize", ImportCropResize},
      {L::kPadding, "padding", ImportPadding},
      {L::kConstantPad, "constantPad", ImportConstantPad},
      {L::kReorganizeData, "reorganizeData", ImportReorganize},
      {L::kSlidingWindows, "slidingWindows", ImportSlidingWindows},
  };
  return kKinds;
}

}  // namespace nbits::graph

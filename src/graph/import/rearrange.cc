// Imports layers that join, cut, repeat or permute.
#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

absl::StatusOr<int> InputAxis(const Layer& layer, int64_t axis) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  return ResolveAxis(axis, shape.size());
}

// The whole of a tensor of this shape.
Slice WholeSlice(const Shape& shape) {
  return {std::vector<int64_t>(shape.size(), 0), std::vector<int64_t>(shape.size(), 1), shape};
}

absl::Status ImportConcat(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis,
                         InputAxis(layer, layer.proto.concat().sequenceconcat() ? -5 : -3));
  return layer.Finish(Concat{axis});
}

absl::Status ImportConcatNd(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, InputAxis(layer, layer.proto.concatnd().axis()));
  return layer.Finish(Concat{axis, false, layer.proto.concatnd().interleave()});
}

absl::Status ImportStack(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(layer.proto.stack().axis(), shape.size() + 1));
  return layer.Finish(Concat{axis, true});
}

absl::Status SplitEvenly(Layer& layer, int axis, uint64_t parts) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const int64_t extent = shape[axis];
  if (parts < 1 || parts > static_cast<uint64_t>(extent) || extent % parts != 0) {
    return absl::InvalidArgumentError(absl::StrCat(parts, " parts of ", extent, " values"));
  }
  const int64_t size = extent / static_cast<int64_t>(parts);
  return layer.Finish(Split{axis, std::vector<int64_t>(parts, size)});
}

absl::Status ImportSplit(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, InputAxis(layer, -3));
  return SplitEvenly(layer, axis, layer.proto.split().noutputs());
}

absl::Status ImportSplitNd(Layer& layer) {
  const auto& params = layer.proto.splitnd();
  NBITS_ASSIGN_OR_RETURN(const int axis, InputAxis(layer, params.axis()));
  if (params.splitsizes_size() == 0) return SplitEvenly(layer, axis, params.numsplits());
  NBITS_ASSIGN_OR_RETURN(std::vector<int64_t> sizes, CheckedShape(AsSpan(params.splitsizes())));
  return layer.Finish(Split{axis, std::move(sizes)});
}

// An index as Python counts it: negative from the end, clamped to [lowest, highest].
int64_t FromEnd(int64_t index, int64_t extent, int64_t lowest, int64_t highest) {
  // Clamped before the sum, so that no index overflows it.
  index = std::clamp<int64_t>(index, -2 * kMaxElements, 2 * kMaxElements);
  return std::clamp(index < 0 ? index + extent : index, lowest, highest);
}

absl::Status SetSlice(Slice& slice, size_t axis, int64_t begin, int64_t end, int64_t step) {
  const int64_t distance = step > 0 ? end - begin : begin - end;
  const int64_t stride = step > 0 ? step : -step;
  if (distance < 1) return absl::InvalidArgumentError("the slice is empty");
  slice.begin[axis] = begin;
  slice.step[axis] = step;
  slice.count[axis] = (distance + stride - 1) / stride;
  return absl::OkStatus();
}

absl::Status CheckStep(int64_t step) {
  if (step != 0 && step >= -kMaxElements && step <= kMaxElements) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("slice with step ", step));
}

absl::Status ImportSlice(Layer& layer) {
  const auto& params = layer.proto.slice();
  static constexpr int64_t kAxes[] = {-3, -2, -1};
  if (params.axis() < 0 || params.axis() > 2) return absl::InvalidArgumentError("unknown axis");
  NBITS_ASSIGN_OR_RETURN(const int axis, InputAxis(layer, kAxes[params.axis()]));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const int64_t step, CheckedExtent(params.stride(), "stride"));
  const int64_t extent = shape[axis];
  Slice op = WholeSlice(shape);
  NBITS_RETURN_IF_ERROR(SetSlice(op, axis, FromEnd(params.startindex(), extent, 0, extent),
                                 FromEnd(params.endindex(), extent, 0, extent), step));
  return layer.Finish(std::move(op));
}

// One axis of a slice in Python's notation; masks mean "from the start" and "to the end".
absl::Status SliceAxis(const schema::SliceStaticLayerParams& params, int axis, int64_t extent,
                       Slice& op) {
  const int64_t step = params.strides(axis);
  NBITS_RETURN_IF_ERROR(CheckStep(step));
  const auto masked = [axis](const auto& masks) { return axis < masks.size() && masks[axis]; };
  const bool forward = step > 0;
  const int64_t lowest = forward ? 0 : -1, highest = forward ? extent : extent - 1;
  int64_t begin = forward ? 0 : extent - 1, end = forward ? extent : -1;
  if (!masked(params.beginmasks())) begin = FromEnd(params.beginids(axis), extent, lowest, highest);
  if (!masked(params.endmasks())) end = FromEnd(params.endids(axis), extent, lowest, highest);
  if (masked(params.squeezemasks())) {
    begin = FromEnd(params.beginids(axis), extent, 0, extent - 1);
    return SetSlice(op, axis, begin, begin + 1, 1);
  }
  return SetSlice(op, axis, begin, end, step);
}

absl::Status ImportSliceStatic(Layer& layer) {
  const auto& params = layer.proto.slicestatic();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const int rank = static_cast<int>(shape.size());
  if (params.beginids_size() != rank || params.endids_size() != rank ||
      params.strides_size() != rank) {
    return absl::InvalidArgumentError(absl::StrCat("slice does not fit rank ", rank));
  }
  Slice op = WholeSlice(shape);
  Shape squeezed;
  for (int axis = 0; axis < rank; ++axis) {
    NBITS_RETURN_IF_ERROR(SliceAxis(params, axis, shape[axis], op));
    const bool squeeze = axis < params.squeezemasks_size() && params.squeezemasks(axis);
    if (!squeeze) squeezed.push_back(op.count[axis]);
  }
  const bool reshape = squeezed.size() != shape.size();
  NBITS_ASSIGN_OR_RETURN(TensorId result, layer.builder.AddOne(std::move(op), layer.inputs));
  if (squeezed.empty()) squeezed.push_back(1);
  if (reshape) {
    NBITS_ASSIGN_OR_RETURN(result, layer.builder.AddOne(Reshape{std::move(squeezed)}, {result}));
  }
  return layer.Finish({result});
}

absl::Status ImportReverse(Layer& layer) {
  const auto& params = layer.proto.reverse();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  if (params.reversedim_size() != static_cast<int>(shape.size())) {
    return absl::InvalidArgumentError("one flag an axis is needed");
  }
  Slice op = WholeSlice(shape);
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (!params.reversedim(static_cast<int>(axis))) continue;
    op.begin[axis] = shape[axis] - 1;
    op.step[axis] = -1;
  }
  return layer.Finish(std::move(op));
}

absl::Status CropAxis(Slice& op, size_t axis, uint64_t begin, uint64_t count) {
  const uint64_t extent = static_cast<uint64_t>(op.count[axis]);
  if (begin >= extent || count < 1 || count > extent - begin) {
    return absl::InvalidArgumentError(
        absl::StrCat("crop to ", count, " of ", extent, " values from ", begin));
  }
  op.begin[axis] = static_cast<int64_t>(begin);
  op.count[axis] = static_cast<int64_t>(count);
  return absl::OkStatus();
}

// Two inputs: the first is cut to the second's size, from an offset.
absl::Status CropLike(Layer& layer, Slice op) {
  const auto& params = layer.proto.crop();
  NBITS_ASSIGN_OR_RETURN(const Pair offset, CheckedPair(AsSpan(params.offset()), 0, "offset"));
  NBITS_ASSIGN_OR_RETURN(const Shape like, layer.InputShape(1, 2));
  for (size_t i = 0; i < 2; ++i) {
    const size_t axis = op.count.size() - 2 + i;
    NBITS_RETURN_IF_ERROR(CropAxis(op, axis, offset[i], like[like.size() - 2 + i]));
  }
  return layer.Finish(std::move(op), {layer.inputs[0]});
}

absl::Status ImportCrop(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 2));
  Slice op = WholeSlice(shape);
  if (layer.inputs.size() == 2) return CropLike(layer, std::move(op));
  const auto& amounts = layer.proto.crop().cropamounts();
  for (int i = 0; i < std::min(2, amounts.borderamounts_size()); ++i) {
    const size_t axis = shape.size() - 2 + i;
    const auto& edge = amounts.borderamounts(i);
    const uint64_t extent = static_cast<uint64_t>(shape[axis]);
    if (edge.startedgesize() > extent || edge.endedgesize() > extent - edge.startedgesize()) {
      return absl::InvalidArgumentError("more is cropped than there is");
    }
    NBITS_RETURN_IF_ERROR(CropAxis(op, axis, edge.startedgesize(),
                                   extent - edge.startedgesize() - edge.endedgesize()));
  }
  return layer.Finish(std::move(op));
}

absl::Status ImportTile(Layer& layer) {
  if (layer.inputs.size() > 1) return absl::UnimplementedError("repetitions as an input");
  NBITS_ASSIGN_OR_RETURN(std::vector<int64_t> repetitions,
                         CheckedShape(AsSpan(layer.proto.tile().reps())));
  return layer.Finish(Tile{std::move(repetitions)});
}

absl::Status ImportSequenceRepeat(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape(0, 5));
  std::vector<int64_t> repetitions(shape.size(), 1);
  const uint64_t count = std::max<uint64_t>(1, layer.proto.sequencerepeat().nrepetitions());
  NBITS_ASSIGN_OR_RETURN(repetitions[shape.size() - 5], CheckedExtent(count, "repetitions"));
  return layer.Finish(Tile{std::move(repetitions)});
}

// The axes of permute are [sequence, channels, height, width]; the batch axis stays where it is.
absl::Status ImportPermute(Layer& layer) {
  const auto& axes = layer.proto.permute().axis();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  if (axes.size() != 4 || shape.size() < 4 || shape.size() > 5) {
    return absl::InvalidArgumentError("permute needs four axes");
  }
  const std::vector<int> places =
      shape.size() == 5 ? std::vector<int>{0, 2, 3, 4} : std::vector<int>{0, 1, 2, 3};
  std::vector<int> order(shape.size());
  std::iota(order.begin(), order.end(), 0);
  for (int i = 0; i < 4; ++i) {
    if (axes[i] > 3) return absl::InvalidArgumentError("axes are not a permutation");
    order[places[i]] = places[axes[i]];
  }
  return layer.Finish(Transpose{std::move(order)});
}

absl::Status ImportTranspose(Layer& layer) {
  std::vector<int> order;
  for (uint64_t axis : layer.proto.transpose().axes()) {
    if (axis > 64) return absl::InvalidArgumentError("axes are not a permutation");
    order.push_back(static_cast<int>(axis));
  }
  return layer.Finish(Transpose{std::move(order)});
}

absl::Status ImportSliceBySize(Layer&) {
  return absl::UnimplementedError("a start that is known only when the network runs");
}

}  // namespace

std::span<const LayerKind> RearrangeLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kConcat, "concat", ImportConcat},
      {L::kConcatND, "concatND", ImportConcatNd},
      {L::kStack, "stack", ImportStack},
      {L::kSplit, "split", ImportSplit},
      {L::kSplitND, "splitND", ImportSplitNd},
      {L::kSlice, "slice", ImportSlice},
      {L::kSliceStatic, "sliceStatic", ImportSliceStatic},
      {L::kSliceBySize, "sliceBySize", ImportSliceBySize},
      {L::kReverse, "reverse", ImportReverse},
      {L::kCrop, "crop", ImportCrop},
      {L::kTile, "tile", ImportTile},
      {L::kSequenceRepeat, "sequenceRepeat", ImportSequenceRepeat},
      {L::kPermute, "permute", ImportPermute},
      {L::kTranspose, "transpose", ImportTranspose},
  };
  return kKinds;
}

}  // namespace nbits::graph

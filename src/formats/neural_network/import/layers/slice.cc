// SPDX-License-Identifier: Apache-2.0
// Imports layers that cut a part out of their input.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

// The whole of a tensor of this shape.
Slice WholeSlice(const Shape& shape) {
  return {std::vector<int64_t>(shape.size(), 0), std::vector<int64_t>(shape.size(), 1), shape};
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
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(kAxes[params.axis()], shape.size()));
  NBITS_ASSIGN_OR_RETURN(const int64_t step, CheckedExtent(params.stride(), "stride"));
  const int64_t extent = shape[axis];
  Slice op = WholeSlice(shape);
  NBITS_RETURN_IF_ERROR(SetSlice(op, axis, FromEnd(params.startindex(), extent, 0, extent),
                                 FromEnd(params.endindex(), extent, 0, extent), step));
  return layer.Finish(std::move(op));
}

// A slice in Python's notation, one value an axis; masks mean "from the start", "to the end" and
// "only `begin`, without the axis". Missing masks are false.
struct PythonSlice {
  std::vector<int64_t> begin = {}, end = {}, step = {};
  std::vector<bool> from_start = {}, to_end = {}, squeeze = {};
};

bool IsSet(const std::vector<bool>& masks, size_t axis) {
  return axis < masks.size() && masks[axis];
}

absl::Status SliceAxis(const PythonSlice& python, size_t axis, int64_t extent, Slice& op) {
  if (IsSet(python.squeeze, axis)) {
    const int64_t place = FromEnd(python.begin[axis], extent, 0, extent - 1);
    return SetSlice(op, axis, place, place + 1, 1);
  }
  const int64_t step = python.step[axis];
  NBITS_RETURN_IF_ERROR(CheckStep(step));
  const bool forward = step > 0;
  const int64_t lowest = forward ? 0 : -1, highest = forward ? extent : extent - 1;
  int64_t begin = forward ? 0 : extent - 1, end = forward ? extent : -1;
  if (!IsSet(python.from_start, axis)) {
    begin = FromEnd(python.begin[axis], extent, lowest, highest);
  }
  if (!IsSet(python.to_end, axis)) end = FromEnd(python.end[axis], extent, lowest, highest);
  return SetSlice(op, axis, begin, end, step);
}

// What stands beyond the last axis means nothing: coremltools writes five entries for some slices
// of fewer axes.
absl::Status CheckEntries(const PythonSlice& python, size_t rank) {
  const std::pair<absl::string_view, size_t> counts[] = {
      {"begin", python.begin.size()}, {"end", python.end.size()}, {"stride", python.step.size()}};
  for (const auto& [name, count] : counts) {
    if (count >= rank) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("slice with ", count, " entries of '", name, "' for an input of rank ", rank));
  }
  return absl::OkStatus();
}

absl::Status FinishSlice(Layer& layer, const PythonSlice& python) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const size_t rank = shape.size();
  NBITS_RETURN_IF_ERROR(CheckEntries(python, rank));
  Slice op = WholeSlice(shape);
  Shape squeezed;
  for (size_t axis = 0; axis < rank; ++axis) {
    NBITS_RETURN_IF_ERROR(SliceAxis(python, axis, shape[axis], op));
    if (!IsSet(python.squeeze, axis)) squeezed.push_back(op.count[axis]);
  }
  const bool reshape = squeezed.size() != rank;
  NBITS_ASSIGN_OR_RETURN(TensorId result, layer.builder.AddOne(std::move(op), {layer.inputs[0]}));
  if (squeezed.empty()) squeezed.push_back(1);
  if (reshape) {
    NBITS_ASSIGN_OR_RETURN(result, layer.builder.AddOne(Reshape{std::move(squeezed)}, {result}));
  }
  return layer.Finish({result});
}

// What sliceStatic and sliceDynamic have in common.
template <typename Params>
PythonSlice ReadSlice(const Params& params) {
  return {.begin = {},
          .end = {params.endids().begin(), params.endids().end()},
          .step = {params.strides().begin(), params.strides().end()},
          .from_start = {params.beginmasks().begin(), params.beginmasks().end()},
          .to_end = {params.endmasks().begin(), params.endmasks().end()},
          .squeeze = {params.squeezemasks().begin(), params.squeezemasks().end()}};
}

absl::Status ImportSliceStatic(Layer& layer) {
  const auto& params = layer.proto.slicestatic();
  PythonSlice python = ReadSlice(params);
  python.begin.assign(params.beginids().begin(), params.beginids().end());
  return FinishSlice(layer, python);
}

// Inputs: data and begin, then end, step and the masks instead of the parameters.
absl::Status ImportSliceDynamic(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(2, 7));
  PythonSlice python = ReadSlice(layer.proto.slicedynamic());
  std::vector<int64_t>* numbers[] = {&python.begin, &python.end, &python.step};
  std::vector<bool>* masks[] = {&python.from_start, &python.to_end, &python.squeeze};
  for (size_t i = 1; i < layer.inputs.size(); ++i) {
    NBITS_ASSIGN_OR_RETURN(std::vector<int64_t> values, layer.InputIntegers(i));
    if (i <= 3) {
      *numbers[i - 1] = std::move(values);
    } else {
      masks[i - 4]->assign(values.begin(), values.end());
    }
  }
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  if (python.end.empty()) python.end = shape;
  if (python.step.empty()) python.step.assign(shape.size(), 1);
  return FinishSlice(layer, python);
}

// A start that the network computes: the entries start, start + 1, ... are looked up.
absl::Status GatherBySize(Layer& layer, int axis, int64_t size) {
  NBITS_ASSIGN_OR_RETURN(const TensorId start,
                         layer.builder.AddOne(Reshape{{1}}, {layer.inputs[1]}));
  NBITS_ASSIGN_OR_RETURN(const TensorId steps, layer.builder.AddOne(Range{0, 1, size}, {}));
  NBITS_ASSIGN_OR_RETURN(const TensorId places,
                         layer.builder.AddOne(Binary{BinaryOperation::kAdd}, {start, steps}));
  return layer.Finish(Gather{axis}, {layer.inputs[0], places});
}

absl::Status ImportSliceBySize(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(2, 2));
  const auto& params = layer.proto.slicebysize();
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(params.axis(), shape.size()));
  const int64_t extent = shape[axis];
  if (params.size() > extent) {
    return absl::InvalidArgumentError(absl::StrCat(params.size(), " of ", extent, " values"));
  }
  const absl::StatusOr<float> start = layer.InputScalar(1);
  // A negative size goes to the end, wherever that is.
  if (NeedsValues(start.status()) && params.size() >= 0) {
    NBITS_ASSIGN_OR_RETURN(const int64_t size, CheckedExtent(params.size(), "size"));
    return GatherBySize(layer, axis, size);
  }
  NBITS_RETURN_IF_ERROR(start.status());
  if (!(std::abs(*start) <= static_cast<float>(extent))) {
    return absl::InvalidArgumentError(absl::StrCat("start ", *start, " of ", extent, " values"));
  }
  Slice op = WholeSlice(shape);
  const int64_t begin = FromEnd(static_cast<int64_t>(*start), extent, 0, extent);
  const int64_t end = params.size() < 0 ? extent : begin + params.size();
  NBITS_RETURN_IF_ERROR(SetSlice(op, axis, begin, end, 1));
  return layer.Finish(std::move(op), {layer.inputs[0]});
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

}  // namespace

std::span<const LayerKind> SliceLayers() {
  using L = schema::NeuralNetworkLayer;
  static constexpr LayerKind kKinds[] = {
      {L::kSlice, "slice", ImportSlice},
      {L::kSliceStatic, "sliceStatic", ImportSliceStatic},
      {L::kSliceDynamic, "sliceDynamic", ImportSliceDynamic},
      {L::kSliceBySize, "sliceBySize", ImportSliceBySize},
      {L::kReverse, "reverse", ImportReverse},
      {L::kCrop, "crop", ImportCrop},
  };
  return kKinds;
}

}  // namespace nbits::graph

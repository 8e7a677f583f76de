// SPDX-License-Identifier: Apache-2.0
// Imports layers that join, split, repeat or permute.
#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/layer.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {
namespace {

absl::Status ImportConcat(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis,
                         layer.InputAxis(layer.proto.concat().sequenceconcat() ? -5 : -3));
  return layer.Finish(Concat{axis});
}

absl::Status ImportConcatNd(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(layer.proto.concatnd().axis()));
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

// The first parts have one value more where the extent is no multiple of their number.
absl::Status SplitNearlyEvenly(Layer& layer, int axis, uint64_t parts) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const uint64_t extent = static_cast<uint64_t>(shape[axis]);
  if (parts < 1 || parts > extent || parts != static_cast<uint64_t>(layer.proto.output_size())) {
    return absl::InvalidArgumentError(absl::StrCat(parts, " parts of ", extent, " values for ",
                                                   layer.proto.output_size(), " outputs"));
  }
  std::vector<int64_t> sizes(parts, static_cast<int64_t>(extent / parts));
  for (uint64_t i = 0; i < extent % parts; ++i) ++sizes[i];
  return layer.Finish(Split{axis, std::move(sizes)});
}

absl::Status ImportSplit(Layer& layer) {
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(-3));
  return SplitEvenly(layer, axis, layer.proto.split().noutputs());
}

absl::Status ImportSplitNd(Layer& layer) {
  const auto& params = layer.proto.splitnd();
  NBITS_ASSIGN_OR_RETURN(const int axis, layer.InputAxis(params.axis()));
  if (params.splitsizes_size() == 0) return SplitNearlyEvenly(layer, axis, params.numsplits());
  NBITS_ASSIGN_OR_RETURN(std::vector<int64_t> sizes, CheckedShape(AsSpan(params.splitsizes())));
  return layer.Finish(Split{axis, std::move(sizes)});
}

// Repetitions of the last axes; those before are not repeated.
absl::Status ImportTile(Layer& layer) {
  NBITS_RETURN_IF_ERROR(layer.CheckInputs(1, 2));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, layer.InputShape());
  const auto& reps = layer.proto.tile().reps();
  std::vector<int64_t> repetitions;
  if (layer.inputs.size() == 2) {
    NBITS_ASSIGN_OR_RETURN(repetitions, layer.InputIntegers(1));
  } else {
    NBITS_ASSIGN_OR_RETURN(repetitions, CheckedShape(AsSpan(reps)));
  }
  if (repetitions.empty() || repetitions.size() > shape.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(repetitions.size(), " repetitions for an input of shape ", ShapeText(shape)));
  }
  repetitions.insert(repetitions.begin(), shape.size() - repetitions.size(), 1);
  return layer.Finish(Tile{std::move(repetitions)}, {layer.inputs[0]});
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
  if (axes.empty()) return layer.Finish(layer.inputs);  // As it is.
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
  NBITS_ASSIGN_OR_RETURN(Shape shape, layer.InputShape());
  if (shape.size() != order.size() + 1 || shape[0] != 1) {
    return layer.Finish(Transpose{std::move(order)});
  }
  // coremltools' make_image_input turns images into what an array [height, width, channels] was;
  // its axes do not count the batch axis that an image has.
  shape.erase(shape.begin());
  NBITS_ASSIGN_OR_RETURN(const TensorId image,
                         layer.builder.AddOne(Reshape{std::move(shape)}, layer.inputs));
  return layer.Finish(Transpose{std::move(order)}, {image});
}

absl::Status ImportReverseSequence(Layer& layer) {
  const auto& params = layer.proto.reverseseq();
  NBITS_ASSIGN_OR_RETURN(const int batch, layer.InputAxis(params.batchaxis()));
  NBITS_ASSIGN_OR_RETURN(const int sequence, layer.InputAxis(params.sequenceaxis()));
  return layer.Finish(ReverseSequence{batch, sequence});
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
      {L::kReverseSeq, "reverseSeq", ImportReverseSequence},
      {L::kTile, "tile", ImportTile},
      {L::kSequenceRepeat, "sequenceRepeat", ImportSequenceRepeat},
      {L::kPermute, "permute", ImportPermute},
      {L::kTranspose, "transpose", ImportTranspose},
  };
  return kKinds;
}

}  // namespace nbits::graph

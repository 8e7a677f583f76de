// SPDX-License-Identifier: Apache-2.0
// Shapes of operations on height and width.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph {

absl::StatusOr<Shapes> Infer(const Graph&, const Resize& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 2));
  Shape shape = inputs[0];
  shape[shape.size() - 2] = op.output[0];
  shape[shape.size() - 1] = op.output[1];
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const CropResize& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  const Shape& image = inputs[0];
  NBITS_RETURN_IF_ERROR(CheckRank(image, 4));
  const int64_t boxes = inputs[1].empty() ? 0 : inputs[1][0];
  const int64_t values = boxes > 0 ? Product(inputs[1]) / boxes : 0;
  if (values != 4 && values != 5) {
    return absl::InvalidArgumentError(
        absl::StrCat("boxes of shape ", ShapeText(inputs[1]), " (expected 4 or 5 values each)"));
  }
  if (Product(image, 0, image.size() - 4) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("image of shape ", ShapeText(image)));
  }
  const int64_t batch = values == 5 ? 1 : image[image.size() - 4];
  return Shapes{{boxes, batch, image[image.size() - 3], op.output[0], op.output[1]}};
}

absl::StatusOr<Shapes> Infer(const Graph&, const GridSample&, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 2));
  const Shape &image = inputs[0], &places = inputs[1];
  if (image.size() != 4 || places.size() != 4 || places[0] != image[0] || places[3] != 2) {
    return absl::InvalidArgumentError(absl::StrCat("image of shape ", ShapeText(image),
                                                   " and coordinates of ", ShapeText(places)));
  }
  return Shapes{{image[0], image[1], places[1], places[2]}};
}

absl::StatusOr<Shapes> Infer(const Graph&, const Reorganize& op, std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_RETURN_IF_ERROR(CheckRank(inputs[0], 3));
  Shape shape = inputs[0];
  int64_t& channels = shape[shape.size() - 3];
  int64_t& height = shape[shape.size() - 2];
  int64_t& width = shape[shape.size() - 1];
  const int64_t block = op.block;
  const bool to_depth = op.mode == Reorganize::Mode::kSpaceToDepth;
  if (block < 1 || block > (1 << 15) ||
      (to_depth ? height % block != 0 || width % block != 0 : channels % (block * block) != 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocks of ", block, " in an input of shape ", ShapeText(shape)));
  }
  channels = to_depth ? channels * block * block : channels / (block * block);
  height = to_depth ? height / block : height * block;
  width = to_depth ? width / block : width * block;
  return Shapes{shape};
}

absl::StatusOr<Shapes> Infer(const Graph&, const SlidingWindows& op,
                             std::span<const Shape> inputs) {
  NBITS_RETURN_IF_ERROR(CheckInputCount(inputs, 1));
  NBITS_ASSIGN_OR_RETURN(const int axis, ResolveAxis(op.axis, inputs[0].size()));
  Shape shape = inputs[0];
  if (op.size < 1 || op.size > shape[axis] || op.step < 1) {
    return absl::InvalidArgumentError(absl::StrCat("windows of ", op.size, " in steps of ", op.step,
                                                   " over ", shape[axis], " values"));
  }
  shape[axis] = (shape[axis] - op.size) / op.step + 1;
  shape.insert(shape.begin() + axis + 1, op.size);
  return Shapes{shape};
}

}  // namespace nbits::graph

// SPDX-License-Identifier: Apache-2.0
// Imports operations that move values without changing them.
#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"
#include "graph/shapes/shapes.h"

namespace nbits::graph::program {
namespace {

absl::Status CheckRank(const Shape& shape, size_t rank) {
  if (shape.size() == rank) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("input of shape ", ShapeText(shape), " (expected rank ", rank, ")"));
}

// Scalars join as one element each.
absl::Status ImportConcat(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(std::vector<TensorId> values, op.Inputs("values"));
  for (TensorId& value : values) {
    if (!op.builder.ShapeOf(value).empty()) continue;
    NBITS_ASSIGN_OR_RETURN(value, op.Reshaped(value, {1}));
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis"));
  Concat concat;
  NBITS_ASSIGN_OR_RETURN(concat.axis, ResolveAxis(stated, op.builder.ShapeOf(values[0]).size()));
  NBITS_ASSIGN_OR_RETURN(concat.interleave, op.Flag("interleave", false));
  return op.Finish(concat, std::move(values));
}

absl::Status ImportStack(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(std::vector<TensorId> values, op.Inputs("values"));
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis"));
  Concat stack{.axis = 0, .stack = true};
  NBITS_ASSIGN_OR_RETURN(stack.axis, ResolveAxis(stated, op.builder.ShapeOf(values[0]).size() + 1));
  return op.Finish(stack, std::move(values));
}

absl::Status ImportSplit(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis"));
  Split split;
  NBITS_ASSIGN_OR_RETURN(split.axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  const int64_t extent = shape[static_cast<size_t>(split.axis)];
  if (op.Has("split_sizes")) {
    NBITS_ASSIGN_OR_RETURN(split.sizes, op.Integers("split_sizes"));
  } else {
    NBITS_ASSIGN_OR_RETURN(const int64_t count, op.Integer("num_splits"));
    if (count < 1 || count > extent || extent % count != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(extent, " values into ", count, " equal parts"));
    }
    split.sizes.assign(static_cast<size_t>(count), extent / count);
  }
  return op.FinishOn(std::move(split));
}

absl::Status ImportTranspose(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> stated, op.Integers("perm"));
  Transpose transpose;
  for (const int64_t axis : stated) {
    NBITS_ASSIGN_OR_RETURN(transpose.order.emplace_back(), op.Axis(axis));
  }
  return op.FinishOn(std::move(transpose));
}

absl::Status ImportTile(Operation& op) {
  Tile tile;
  NBITS_ASSIGN_OR_RETURN(tile.repetitions, op.Integers("reps"));
  return op.FinishOn(std::move(tile));
}

absl::Status ImportReverse(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  Slice slice{std::vector<int64_t>(shape.size(), 0), std::vector<int64_t>(shape.size(), 1), shape};
  std::vector<int64_t> axes(shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  NBITS_ASSIGN_OR_RETURN(axes, op.Integers("axes", axes));
  for (const int64_t stated : axes) {
    NBITS_ASSIGN_OR_RETURN(const int axis, op.Axis(stated));
    slice.begin[static_cast<size_t>(axis)] = shape[static_cast<size_t>(axis)] - 1;
    slice.step[static_cast<size_t>(axis)] = -1;
  }
  return op.FinishOn(std::move(slice));
}

absl::Status ImportReverseSequence(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t sequence, op.Integer("seq_axis", int64_t{0}));
  NBITS_ASSIGN_OR_RETURN(const int64_t batch, op.Integer("batch_axis", int64_t{0}));
  ReverseSequence reverse;
  NBITS_ASSIGN_OR_RETURN(reverse.sequence_axis, op.Axis(sequence));
  NBITS_ASSIGN_OR_RETURN(reverse.batch_axis, op.Axis(batch));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId lengths, op.Input("lengths"));
  return op.Finish(reverse, {x, lengths});
}

// Amounts [before, after] of the last axes.
absl::Status ImportPad(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> amounts, op.Integers("pad"));
  if (amounts.size() % 2 != 0 || amounts.size() > 2 * shape.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(amounts.size(), " amounts for an input of shape ", ShapeText(shape)));
  }
  NBITS_ASSIGN_OR_RETURN(const std::string mode, op.Text("mode", "constant"));
  NBITS_ASSIGN_OR_RETURN(const float value, op.Float("constant_val", 0));
  Pad pad{.mode = PadMode::kConstant, .value = value};
  if (mode == "reflect") {
    pad.mode = PadMode::kReflect;
  } else if (mode == "replicate") {
    pad.mode = PadMode::kReplicate;
  } else if (mode != "constant") {
    return absl::InvalidArgumentError(absl::StrCat("unknown mode '", mode, "'"));
  }
  pad.before.assign(shape.size(), 0);
  pad.after.assign(shape.size(), 0);
  const size_t first = shape.size() - amounts.size() / 2;
  for (size_t i = 0; i < amounts.size() / 2; ++i) {
    pad.before[first + i] = amounts[2 * i];
    pad.after[first + i] = amounts[2 * i + 1];
  }
  return op.FinishOn(std::move(pad));
}

absl::Status ImportBandPart(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape shape, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(int64_t lower, op.Integer("lower", int64_t{-1}));
  NBITS_ASSIGN_OR_RETURN(int64_t upper, op.Integer("upper", int64_t{-1}));
  if (shape.size() < 2) return absl::InvalidArgumentError("an input that is no matrix");
  if (lower < 0) lower = shape[shape.size() - 2];
  if (upper < 0) upper = shape.back();
  return op.FinishOn(MatrixBand{lower, upper});
}

absl::Status ImportReorganize(Operation& op, Reorganize::Mode mode, const char* argument) {
  NBITS_ASSIGN_OR_RETURN(const int64_t block, op.Integer(argument));
  return op.FinishOn(Reorganize{mode, block});
}

absl::Status ImportDepthToSpace(Operation& op) {
  return ImportReorganize(op, Reorganize::Mode::kDepthToSpace, "block_size");
}
absl::Status ImportSpaceToDepth(Operation& op) {
  return ImportReorganize(op, Reorganize::Mode::kSpaceToDepth, "block_size");
}
absl::Status ImportPixelShuffle(Operation& op) {
  return ImportReorganize(op, Reorganize::Mode::kPixelShuffle, "upscale_factor");
}

// Reshapes, turns axes and reshapes again.
absl::StatusOr<TensorId> Regroup(const Operation& op, TensorId x, Shape apart,
                                 std::vector<int> order, Shape together) {
  NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, std::move(apart)));
  NBITS_ASSIGN_OR_RETURN(x, op.builder.AddOne(Transpose{std::move(order)}, {x}));
  return op.Reshaped(x, std::move(together));
}

// Positions within a block become the fast part of the channels.
absl::Status ImportPixelUnshuffle(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t f, op.Integer("downscale_factor"));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  const Shape s = op.builder.ShapeOf(x);
  NBITS_RETURN_IF_ERROR(CheckRank(s, 4));
  if (f < 1 || f > (1 << 15) || s[2] % f != 0 || s[3] % f != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocks of ", f, " in an input of shape ", ShapeText(s)));
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId y,
                         Regroup(op, x, {s[0], s[1], s[2] / f, f, s[3] / f, f}, {0, 1, 3, 5, 2, 4},
                                 {s[0], s[1] * f * f, s[2] / f, s[3] / f}));
  return op.Finish({y});
}

struct BlockArguments {
  int64_t height = 1, width = 1;
  std::vector<int64_t> borders;  // Top, bottom, left, right.
};

absl::StatusOr<BlockArguments> ReadBlocks(const Operation& op, const char* borders) {
  NBITS_ASSIGN_OR_RETURN(const std::vector<int64_t> block, op.Integers("block_shape"));
  BlockArguments arguments;
  NBITS_ASSIGN_OR_RETURN(arguments.borders, op.Integers(borders));
  if (block.size() != 2 || arguments.borders.size() != 4) {
    return absl::InvalidArgumentError("blocks and borders of other than two axes");
  }
  for (const int64_t extent : block) {
    if (extent < 1 || extent > (1 << 15)) {
      return absl::InvalidArgumentError(absl::StrCat("blocks of ", extent));
    }
  }
  for (const int64_t border : arguments.borders) {
    if (border < 0) return absl::InvalidArgumentError(absl::StrCat("a border of ", border));
  }
  arguments.height = block[0];
  arguments.width = block[1];
  return arguments;
}

// Positions within a block become the slow part of the batch.
absl::Status ImportSpaceToBatch(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const BlockArguments block, ReadBlocks(op, "paddings"));
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  NBITS_RETURN_IF_ERROR(CheckRank(op.builder.ShapeOf(x), 4));
  const auto& b = block.borders;
  NBITS_ASSIGN_OR_RETURN(
      x, op.builder.AddOne(Pad{.before = {0, 0, b[0], b[2]}, .after = {0, 0, b[1], b[3]}}, {x}));
  const Shape s = op.builder.ShapeOf(x);
  if (s[2] % block.height != 0 || s[3] % block.width != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocks of ", block.height, " x ", block.width, " in ", ShapeText(s)));
  }
  const int64_t rows = s[2] / block.height, columns = s[3] / block.width;
  NBITS_ASSIGN_OR_RETURN(
      x, Regroup(op, x, {s[0], s[1], rows, block.height, columns, block.width}, {3, 5, 0, 1, 2, 4},
                 {block.height * block.width * s[0], s[1], rows, columns}));
  return op.Finish({x});
}

absl::Status ImportBatchToSpace(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const BlockArguments block, ReadBlocks(op, "crops"));
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  const Shape s = op.builder.ShapeOf(x);
  NBITS_RETURN_IF_ERROR(CheckRank(s, 4));
  if (s[0] % (block.height * block.width) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("a batch of ", s[0]));
  }
  const int64_t batch = s[0] / (block.height * block.width);
  const int64_t rows = s[2] * block.height, columns = s[3] * block.width;
  NBITS_ASSIGN_OR_RETURN(x, Regroup(op, x, {block.height, block.width, batch, s[1], s[2], s[3]},
                                    {2, 3, 4, 0, 5, 1}, {batch, s[1], rows, columns}));
  const auto& b = block.borders;
  return op.Finish(Slice{{0, 0, b[0], b[2]},
                         {1, 1, 1, 1},
                         {batch, s[1], rows - b[0] - b[1], columns - b[2] - b[3]}},
                   {x});
}

absl::Status ImportSlidingWindows(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("axis"));
  SlidingWindows windows;
  NBITS_ASSIGN_OR_RETURN(windows.axis, op.Axis(stated));
  NBITS_ASSIGN_OR_RETURN(windows.size, op.Integer("size"));
  NBITS_ASSIGN_OR_RETURN(windows.step, op.Integer("stride", int64_t{1}));
  return op.FinishOn(windows);
}

}  // namespace

std::span<const OperationKind> RearrangeOperations() {
  static constexpr OperationKind kKinds[] = {
      {"band_part", ImportBandPart},
      {"batch_to_space", ImportBatchToSpace},
      {"concat", ImportConcat},
      {"depth_to_space", ImportDepthToSpace},
      {"pad", ImportPad},
      {"pixel_shuffle", ImportPixelShuffle},
      {"pixel_unshuffle", ImportPixelUnshuffle},
      {"reverse", ImportReverse},
      {"reverse_sequence", ImportReverseSequence},
      {"sliding_windows", ImportSlidingWindows},
      {"space_to_batch", ImportSpaceToBatch},
      {"space_to_depth", ImportSpaceToDepth},
      {"split", ImportSplit},
      {"stack", ImportStack},
      {"tile", ImportTile},
      {"transpose", ImportTranspose},
  };
  return kKinds;
}

}  // namespace nbits::graph::program

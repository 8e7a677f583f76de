// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/adopt_shape.h"

#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "graph/graph.h"

namespace nbits::graph {
namespace {

absl::StatusOr<PackedTensor> DecodedPart(const PackedTensor& tensor, int64_t begin, Shape shape) {
  const int64_t count = Product(shape);
  NBITS_RETURN_IF_ERROR(CheckMemory(count * static_cast<int64_t>(sizeof(float)), "weights"));
  auto values = std::make_shared<std::vector<float>>(static_cast<size_t>(count));
  NBITS_RETURN_IF_ERROR(DequantizeRange(tensor, begin, *values));
  PackedTensor part;
  part.shape = std::move(shape);
  part.bytes = std::as_bytes(std::span<const float>(*values));
  part.owner = values;
  return part;
}

}  // namespace

absl::Status AdoptShape(PackedTensor& tensor, Shape shape) {
  NBITS_ASSIGN_OR_RETURN(const int64_t expected, CheckedElementCount(shape));
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(tensor.shape));
  if (count != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat(count, " weights (expected ", ShapeText(shape), ")"));
  }
  if (HasBlocks(tensor)) {
    if (shape.empty() || shape[0] != tensor.shape[0]) {
      return absl::InvalidArgumentError(absl::StrCat("weights of shape ", ShapeText(tensor.shape),
                                                     " (expected ", ShapeText(shape), ")"));
    }
  } else if (tensor.scale.size() > 1) {
    const int64_t inner = Product(tensor.shape, tensor.channel_axis + 1, tensor.shape.size());
    size_t axis = 0;
    while (axis < shape.size() && (shape[axis] != tensor.shape[tensor.channel_axis] ||
                                   Product(shape, axis + 1, shape.size()) != inner)) {
      ++axis;
    }
    if (axis == shape.size()) {
      return absl::InvalidArgumentError(absl::StrCat("weights of shape ", ShapeText(tensor.shape),
                                                     " (expected ", ShapeText(shape), ")"));
    }
    tensor.channel_axis = static_cast<int>(axis);
  }
  tensor.shape = std::move(shape);
  return absl::OkStatus();
}

absl::StatusOr<PackedTensor> RowsOf(const PackedTensor& tensor, int64_t begin, int64_t count) {
  if (tensor.shape.empty() || begin < 0 || count < 1 || begin > tensor.shape[0] - count) {
    return absl::InvalidArgumentError(absl::StrCat("weights of shape ", ShapeText(tensor.shape),
                                                   " have no entries ", begin, " to ",
                                                   begin + count));
  }
  const int64_t inner = Product(tensor.shape, 1, tensor.shape.size());
  Shape shape = tensor.shape;
  shape[0] = count;
  const int64_t first_bit = begin * inner * tensor.bits;
  const bool is_whole = first_bit % 8 == 0 && count * inner * tensor.bits % 8 == 0;
  if (!is_whole) return DecodedPart(tensor, begin * inner, std::move(shape));
  PackedTensor part = tensor;
  part.bytes =
      tensor.bytes.subspan(static_cast<size_t>(first_bit / 8),
                           static_cast<size_t>(PackedByteCount(count * inner, tensor.bits)));
  part.shape = std::move(shape);
  if (tensor.channel_axis == 0 && tensor.scale.size() > 1) {
    const auto blocks = static_cast<int64_t>(tensor.scale.size()) / tensor.shape[0];
    const auto cut = [&](std::vector<float>& values) {
      if (values.empty()) return;
      values = {values.begin() + begin * blocks, values.begin() + (begin + count) * blocks};
    };
    cut(part.scale);
    cut(part.offset);
  }
  return part;
}

}  // namespace nbits::graph

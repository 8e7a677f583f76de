// SPDX-License-Identifier: Apache-2.0
// Joining along an axis, and its inverse.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// Copies `rows` blocks of `length` values between buffers whose rows are `from_pitch` and
// `to_pitch` values apart.
void CopyBlocks(const float* from, int64_t from_pitch, float* to, int64_t to_pitch, int64_t rows,
                int64_t length, int threads) {
  ForChunks(rows, length, threads, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      std::copy_n(from + row * from_pitch, length, to + row * to_pitch);
    }
  });
}

// Interleaving puts the i-th slices of all inputs next to each other: joining along the axis after.
AxisView ViewInput(const graph::Concat& op, const Shape& shape) {
  AxisView view = ViewAxis(shape, op.axis);
  if (op.stack) {
    view = {graph::Product(shape, 0, op.axis), 1, graph::Product(shape, op.axis, shape.size())};
  } else if (op.interleave) {
    view = {view.outer * view.extent, 1, view.inner};
  }
  return view;
}

}  // namespace

void RunPlain(const graph::Concat& op, const Call& call) {
  const AxisView first = ViewInput(op, call.inputs[0].shape);
  const int64_t pitch = graph::Product(call.outputs[0].shape) / first.outer;
  int64_t offset = 0;
  for (const Operand& input : call.inputs) {
    const AxisView view = ViewInput(op, input.shape);
    const int64_t length = view.extent * view.inner;
    // The memory plan may have placed the input there already.
    const bool in_place = view.outer == 1 && input.data == call.outputs[0].data + offset;
    if (!in_place)
      CopyBlocks(input.data, length, call.outputs[0].data + offset, pitch, view.outer, length,
                 call.threads);
    offset += length;
  }
}

void RunPlain(const graph::Split& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  const int64_t pitch = view.extent * view.inner;
  int64_t offset = 0;
  for (size_t i = 0; i < op.sizes.size(); ++i) {
    const int64_t length = op.sizes[i] * view.inner;
    CopyBlocks(call.inputs[0].data + offset, pitch, call.outputs[i].data, length, view.outer,
               length, call.threads);
    offset += length;
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Operations that only read their input in another order: all are one copy through strides.
#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::Slice& op, const Call& call) {
  std::vector<int64_t> strides = RowMajorStrides(call.inputs[0].shape);
  const float* first = call.inputs[0].data;
  for (size_t axis = 0; axis < strides.size(); ++axis) {
    first += op.begin[axis] * strides[axis];
    strides[axis] *= op.step[axis];
  }
  CopyStrided(first, op.count, std::move(strides), call.outputs[0].data, call.threads);
}

// Every axis becomes two: the repetitions, which do not advance the input, and the axis itself.
void RunPlain(const graph::Tile& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const std::vector<int64_t> own = RowMajorStrides(shape);
  Shape extents;
  std::vector<int64_t> strides;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    extents.insert(extents.end(), {op.repetitions[axis], shape[axis]});
    strides.insert(strides.end(), {0, own[axis]});
  }
  CopyStrided(call.inputs[0].data, extents, std::move(strides), call.outputs[0].data, call.threads);
}

void RunPlain(const graph::Transpose& op, const Call& call) {
  const std::vector<int64_t> own = RowMajorStrides(call.inputs[0].shape);
  std::vector<int64_t> strides;
  for (int axis : op.order) strides.push_back(own[axis]);
  CopyStrided(call.inputs[0].data, call.outputs[0].shape, std::move(strides), call.outputs[0].data,
              call.threads);
}

// The engine plans a reshape's output onto its input, and so never runs this.
void RunPlain(const graph::Reshape&, const Call& call) {
  std::copy_n(call.inputs[0].data, graph::Product(call.inputs[0].shape), call.outputs[0].data);
}

// Blocks of b x b pixels and channels change places. With block position (y, x) in its block, the
// channel is (y * b + x) * C + c, or for pixel shuffle c * b * b + y * b + x.
void RunPlain(const graph::Reorganize& op, const Call& call) {
  const bool to_depth = op.mode == graph::Reorganize::Mode::kSpaceToDepth;
  const Shape& in = call.inputs[0].shape;
  const Shape& shallow = to_depth ? in : call.outputs[0].shape;  // The side with fewer channels.
  const int64_t b = op.block, channels = shallow[shallow.size() - 3];
  const int64_t rows = shallow[shallow.size() - 2] / b, columns = shallow.back() / b;
  const int64_t batch = graph::Product(in, 0, in.size() - 3);
  if (to_depth) {
    const int64_t width = columns * b, plane = rows * b * width;
    CopyStrided(call.inputs[0].data, {batch, b, b, channels, rows, columns},
                {channels * plane, width, 1, plane, b * width, b}, call.outputs[0].data,
                call.threads);
    return;
  }
  const int64_t plane = rows * columns;
  const bool shuffle = op.mode == graph::Reorganize::Mode::kPixelShuffle;
  const int64_t channel = shuffle ? b * b * plane : plane;
  const int64_t cell = shuffle ? plane : channels * plane;
  CopyStrided(call.inputs[0].data, {batch, channels, rows, b, columns, b},
              {channels * b * b * plane, channel, columns, b * cell, 1, cell}, call.outputs[0].data,
              call.threads);
}

void RunPlain(const graph::SlidingWindows& op, const Call& call) {
  std::vector<int64_t> strides = RowMajorStrides(call.inputs[0].shape);
  const int64_t along = strides[op.axis];
  strides[op.axis] = along * op.step;
  strides.insert(strides.begin() + op.axis + 1, along);
  CopyStrided(call.inputs[0].data, call.outputs[0].shape, std::move(strides), call.outputs[0].data,
              call.threads);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Operations that put updates into a container by index.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/extremes.h"
#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::ScatterMode;

// The index as a place in [0, extent); -1 for none. Negative ones count from the end.
int64_t PlaceOf(float value, int64_t extent) {
  const double index = value < 0 ? value + static_cast<double>(extent) : double{value};
  if (!(index >= 0 && index < static_cast<double>(extent))) return -1;
  return static_cast<int64_t>(index);
}

float Combine(ScatterMode mode, float old, float update) {
  switch (mode) {
    case ScatterMode::kUpdate:
      return update;
    case ScatterMode::kAdd:
      return old + update;
    case ScatterMode::kSubtract:
      return old - update;
    case ScatterMode::kMultiply:
      return old * update;
    case ScatterMode::kDivide:
      return old / update;
    case ScatterMode::kMaximum:
      return LargerOf(old, update);
    case ScatterMode::kMinimum:
      return SmallerOf(old, update);
  }
  return update;
}

void CombineRow(ScatterMode mode, const float* updates, int64_t count, float* target) {
  for (int64_t i = 0; i < count; ++i) target[i] = Combine(mode, target[i], updates[i]);
}

void CopyContainer(const Call& call) {
  std::copy_n(call.inputs[0].data, graph::Product(call.inputs[0].shape), call.outputs[0].data);
}

}  // namespace

void RunPlain(const graph::Scatter& op, const Call& call) {
  CopyContainer(call);
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  const int64_t indices = graph::Product(call.inputs[1].shape);
  for (int64_t i = 0; i < view.outer * indices; ++i) {
    const int64_t place = PlaceOf(call.inputs[1].data[i % indices], view.extent);
    if (place < 0) continue;
    CombineRow(op.mode, call.inputs[2].data + i * view.inner, view.inner,
               call.outputs[0].data + (i / indices * view.extent + place) * view.inner);
  }
}

void RunPlain(const graph::ScatterAlongAxis& op, const Call& call) {
  CopyContainer(call);
  const AxisView table = ViewAxis(call.inputs[0].shape, op.axis);
  const AxisView indices = ViewAxis(call.inputs[1].shape, op.axis);
  const int64_t count = graph::Product(call.inputs[1].shape);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t outer = i / (indices.extent * indices.inner), inner = i % indices.inner;
    const int64_t place = PlaceOf(call.inputs[1].data[i], table.extent);
    if (place < 0) continue;
    CombineRow(op.mode, call.inputs[2].data + i, 1,
               call.outputs[0].data + (outer * table.extent + place) * table.inner + inner);
  }
}

void RunPlain(const graph::ScatterNd& op, const Call& call) {
  CopyContainer(call);
  const Shape& table = call.inputs[0].shape;
  const int64_t depth = call.inputs[1].shape.back();
  const int64_t rows = graph::Product(call.inputs[1].shape) / depth;
  const int64_t length = graph::Product(table, depth, table.size());
  const std::vector<int64_t> strides = RowMajorStrides(table);
  for (int64_t row = 0; row < rows; ++row) {
    int64_t offset = 0;
    for (int64_t axis = 0; axis < depth && offset >= 0; ++axis) {
      const int64_t place = PlaceOf(call.inputs[1].data[row * depth + axis], table[axis]);
      offset = place < 0 ? -1 : offset + place * strides[axis];
    }
    if (offset < 0) continue;
    CombineRow(op.mode, call.inputs[2].data + row * length, length, call.outputs[0].data + offset);
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Operations that look values up by index. Indices outside the table read its nearest end.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/strided.h"
#include "engine/kernels/common/table_index.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::Embedding& op, const Call& call) {
  const float* weights = call.workspace.Weight(op.weight);
  const int64_t indices = graph::Product(call.inputs[0].shape);
  for (int64_t i = 0; i < indices; ++i) {
    const int64_t word = TableIndex(call.inputs[0].data[i], op.dictionary);
    float* out = call.outputs[0].data + i * op.channels;
    for (int64_t c = 0; c < op.channels; ++c) {
      out[c] = weights[c * op.dictionary + word] + (op.bias.empty() ? 0.0f : op.bias[c]);
    }
  }
}

void RunPlain(const graph::Gather& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  const int64_t indices = graph::Product(call.inputs[1].shape);
  ForChunks(view.outer * indices, view.inner, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = TableIndex(call.inputs[1].data[i % indices], view.extent);
      std::copy_n(call.inputs[0].data + (i / indices * view.extent + row) * view.inner, view.inner,
                  call.outputs[0].data + i * view.inner);
    }
  });
}

void RunPlain(const graph::GatherAlongAxis& op, const Call& call) {
  const AxisView table = ViewAxis(call.inputs[0].shape, op.axis);
  const AxisView indices = ViewAxis(call.inputs[1].shape, op.axis);
  const int64_t count = graph::Product(call.inputs[1].shape);
  ForChunks(count, 1, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t outer = i / (indices.extent * indices.inner), inner = i % indices.inner;
      const int64_t row = TableIndex(call.inputs[1].data[i], table.extent);
      call.outputs[0].data[i] =
          call.inputs[0].data[(outer * table.extent + row) * table.inner + inner];
    }
  });
}

void RunPlain(const graph::GatherNd&, const Call& call) {
  const Shape& table = call.inputs[0].shape;
  const int64_t depth = call.inputs[1].shape.back();
  const int64_t rows = graph::Product(call.inputs[1].shape) / depth;
  const int64_t length = graph::Product(table, depth, table.size());
  const std::vector<int64_t> strides = RowMajorStrides(table);
  for (int64_t row = 0; row < rows; ++row) {
    int64_t offset = 0;
    for (int64_t axis = 0; axis < depth; ++axis) {
      offset += TableIndex(call.inputs[1].data[row * depth + axis], table[axis]) * strides[axis];
    }
    std::copy_n(call.inputs[0].data + offset, length, call.outputs[0].data + row * length);
  }
}

void RunPlain(const graph::OneHot& op, const Call& call) {
  const AxisView view = ViewAxis(call.outputs[0].shape, op.axis);
  std::fill_n(call.outputs[0].data, graph::Product(call.outputs[0].shape), op.off);
  for (int64_t i = 0; i < view.outer * view.inner; ++i) {
    // An index that is none leaves the vector empty.
    const float index = call.inputs[0].data[i];
    if (!(index >= 0 && index < static_cast<float>(view.extent))) continue;
    const int64_t outer = i / view.inner, inner = i % view.inner;
    call.outputs[0].data[(outer * view.extent + static_cast<int64_t>(index)) * view.inner + inner] =
        op.on;
  }
}

}  // namespace nbits

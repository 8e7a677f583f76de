// SPDX-License-Identifier: Apache-2.0
// Products of stacks of matrices.
#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// A matrix seen through strides, so that transposing costs nothing.
struct Matrix {
  const float* data;
  int64_t rows, columns, row_stride, column_stride;
};

Matrix ViewMatrix(const Operand& operand, bool transposed) {
  const int64_t rows = operand.shape[operand.shape.size() - 2], columns = operand.shape.back();
  if (transposed) return {operand.data, columns, rows, 1, columns};
  return {operand.data, rows, columns, columns, 1};
}

void MultiplyRow(const Matrix& a, const Matrix& b, int64_t row, float* out) {
  std::fill_n(out, b.columns, 0.0f);
  for (int64_t k = 0; k < a.columns; ++k) {
    const float value = a.data[row * a.row_stride + k * a.column_stride];
    const float* from = b.data + k * b.row_stride;
    for (int64_t j = 0; j < b.columns; ++j) out[j] += value * from[j * b.column_stride];
  }
}

Shape BatchOf(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

}  // namespace

void RunPlain(const graph::MatrixProduct& op, const Call& call) {
  const Matrix a = ViewMatrix(call.inputs[0], op.transpose_a);
  const Matrix b = ViewMatrix(call.inputs[1], op.transpose_b);
  const Shape batch = BatchOf(call.outputs[0].shape);
  const auto strides_a = BroadcastStrides(BatchOf(call.inputs[0].shape), batch);
  const auto strides_b = BroadcastStrides(BatchOf(call.inputs[1].shape), batch);
  const int64_t matrices = graph::Product(batch);
  ForChunks(matrices * a.rows, a.columns * b.columns, call.threads,
            [&](int64_t begin, int64_t end) {
              for (int64_t index = begin; index < end; ++index) {
                int64_t rest = index / a.rows, offset_a = 0, offset_b = 0;
                for (size_t axis = batch.size(); axis-- > 0;) {
                  const int64_t position = rest % batch[axis];
                  offset_a += position * strides_a[axis];
                  offset_b += position * strides_b[axis];
                  rest /= batch[axis];
                }
                Matrix left = a, right = b;
                left.data += offset_a * a.rows * a.columns;
                right.data += offset_b * b.rows * b.columns;
                MultiplyRow(left, right, index % a.rows, call.outputs[0].data + index * b.columns);
              }
            });
}

}  // namespace nbits

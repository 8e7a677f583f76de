// SPDX-License-Identifier: Apache-2.0
// A matrix with everything outside a band set to 0.
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::MatrixBand& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const int64_t rows = shape[shape.size() - 2], columns = shape.back();
  ForChunks(graph::Product(shape) / columns, columns, call.threads,
            [&](int64_t begin, int64_t end) {
              for (int64_t index = begin; index < end; ++index) {
                const float* in = call.inputs[0].data + index * columns;
                float* out = call.outputs[0].data + index * columns;
                for (int64_t x = 0; x < columns; ++x) {
                  const int64_t diagonal = x - index % rows;
                  out[x] = diagonal >= -op.lower && diagonal <= op.upper ? in[x] : 0.0f;
                }
              }
            });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Nearest and bilinear resampling of height and width on a regular grid.
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/sampling.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::Resize& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const int64_t height = shape[shape.size() - 2], width = shape.back();
  const std::vector<Sample> rows = SamplesOf(op, 0, height), columns = SamplesOf(op, 1, width);
  const int64_t planes = graph::Product(shape, 0, shape.size() - 2);
  ForChunks(planes * op.output[0], op.output[1], call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const float* plane = call.inputs[0].data + index / op.output[0] * height * width;
      float* out = call.outputs[0].data + index * op.output[1];
      SampleRow(plane, width, rows[index % op.output[0]], columns, out);
    }
  });
}

}  // namespace nbits

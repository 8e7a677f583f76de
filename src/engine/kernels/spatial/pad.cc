// SPDX-License-Identifier: Apache-2.0
// Padding with a constant, a reflection, or the border value.
#include <algorithm>

#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// The input index that output index i shows; -1 for the constant.
int64_t SourceIndex(graph::PadMode mode, int64_t i, int64_t extent) {
  if (i >= 0 && i < extent) return i;
  if (mode == graph::PadMode::kConstant) return -1;
  if (mode == graph::PadMode::kReplicate) return std::clamp<int64_t>(i, 0, extent - 1);
  return i < 0 ? -i : 2 * (extent - 1) - i;
}

}  // namespace

void RunPlain(const graph::Pad& op, const Call& call) {
  const Shape& in = call.inputs[0].shape;
  const Shape& out = call.outputs[0].shape;
  const std::vector<int64_t> strides = RowMajorStrides(in);
  const size_t last = out.size() - 1;
  const int64_t rows = graph::Product(out) / out[last];
  ForChunks(rows, out[last], call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t rest = row, offset = 0;
      bool inside = true;
      for (size_t axis = last; axis-- > 0;) {
        const int64_t index = SourceIndex(op.mode, rest % out[axis] - op.before[axis], in[axis]);
        rest /= out[axis];
        inside = inside && index >= 0;
        offset += index * strides[axis];
      }
      float* to = call.outputs[0].data + row * out[last];
      for (int64_t x = 0; x < out[last]; ++x) {
        const int64_t index = inside ? SourceIndex(op.mode, x - op.before[last], in[last]) : -1;
        to[x] = index < 0 ? op.value : call.inputs[0].data[offset + index];
      }
    }
  });
}

}  // namespace nbits

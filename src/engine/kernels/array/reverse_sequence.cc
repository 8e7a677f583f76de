// SPDX-License-Identifier: Apache-2.0
// Sequences of different lengths, each reversed within its own length.
#include <algorithm>

#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// A length as a number of entries, at most `extent`.
int64_t LengthOf(float value, int64_t extent) {
  if (!(value > 0)) return 0;
  return static_cast<int64_t>(std::min(value, static_cast<float>(extent)));
}

}  // namespace

void RunPlain(const graph::ReverseSequence& op, const Call& call) {
  const Shape& shape = call.inputs[0].shape;
  const std::vector<int64_t> strides = RowMajorStrides(shape);
  const int64_t batch_stride = strides[op.batch_axis], stride = strides[op.sequence_axis];
  const int64_t extent = shape[op.sequence_axis];
  const int64_t count = graph::Product(shape);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t batch = i / batch_stride % shape[op.batch_axis];
    const int64_t place = i / stride % extent;
    const int64_t length = LengthOf(call.inputs[1].data[batch], extent);
    const int64_t source = place < length ? length - 1 - place : place;
    call.outputs[0].data[i] = call.inputs[0].data[i + (source - place) * stride];
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Values from the file, one value, or a range of values.
#include <algorithm>

#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::Constant& op, const Call& call) {
  const float* values = call.workspace.Weight(op.weight);
  std::copy_n(values, graph::Product(call.outputs[0].shape), call.outputs[0].data);
}

void RunPlain(const graph::Fill& op, const Call& call) {
  std::fill_n(call.outputs[0].data, graph::Product(op.shape), op.value);
}

void RunPlain(const graph::Range& op, const Call& call) {
  for (int64_t i = 0; i < op.count; ++i) {
    call.outputs[0].data[i] = op.start + op.step * static_cast<float>(i);
  }
}

}  // namespace nbits

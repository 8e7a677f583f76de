// SPDX-License-Identifier: Apache-2.0
// One of two values, by a condition; and plain broadcasting.
#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {

void RunPlain(const graph::Select&, const Call& call) {
  const Result& out = call.outputs[0];
  std::vector<std::vector<int64_t>> strides;
  for (const Operand& input : call.inputs) {
    strides.push_back(BroadcastStrides(input.shape, out.shape));
  }
  const Walk walk = Walk::Make(out.shape, std::move(strides));
  ForRows(walk, call.threads,
          [&](std::span<const int64_t> offsets, int64_t output_offset, int64_t length) {
            for (int64_t i = 0; i < length; ++i) {
              const auto value = [&](size_t input) {
                return call.inputs[input].data[offsets[input] + i * walk.strides[input].back()];
              };
              out.data[output_offset + i] = value(0) != 0 ? value(1) : value(2);
            }
          });
}

void RunPlain(const graph::BroadcastTo& op, const Call& call) {
  CopyStrided(call.inputs[0].data, op.shape, BroadcastStrides(call.inputs[0].shape, op.shape),
              call.outputs[0].data, call.threads);
}

}  // namespace nbits

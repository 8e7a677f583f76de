// SPDX-License-Identifier: Apache-2.0
// Convolution and deconvolution over depth, height and width.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::AxisWindow;
using graph::Convolution3d;

// The input index under kernel place `k` of output index `o`; -1 for none.
int64_t InputIndex(const AxisWindow& window, bool transposed, int64_t o, int64_t k,
                   int64_t extent) {
  int64_t i = o * window.stride - window.pad_begin + k * window.dilation;
  if (transposed) {
    i = o + window.pad_begin - k * window.dilation;
    if (i < 0 || i % window.stride != 0) return -1;
    i /= window.stride;
  }
  return i >= 0 && i < extent ? i : -1;
}

struct Extents {
  const Shape& input;  // [B, C, D, H, W]
  int64_t inputs_per_group, outputs_per_group, kernel_volume;
};

// Offset of the kernel that joins an input channel of the group to an output channel.
int64_t KernelOffset(const Convolution3d& op, const Extents& e, int64_t oc, int64_t ic) {
  if (!op.transposed) return (oc * e.inputs_per_group + ic) * e.kernel_volume;
  const int64_t channel = oc / e.outputs_per_group * e.inputs_per_group + ic;
  return (channel * e.outputs_per_group + oc % e.outputs_per_group) * e.kernel_volume;
}

// row[x] += sum over the kernel's columns; `in` is an input row, `weights` a kernel row.
void AddRow(const Convolution3d& op, const Extents& e, const float* in, const float* weights,
            float* row) {
  for (int64_t x = 0; x < op.output[2]; ++x) {
    for (int64_t k = 0; k < op.window[2].kernel; ++k) {
      const int64_t i = InputIndex(op.window[2], op.transposed, x, k, e.input[4]);
      if (i >= 0) row[x] += weights[k] * in[i];
    }
  }
}

// Adds one input channel ([D, H, W]) to the output row at depth z and height y.
void AddChannel(const Convolution3d& op, const Extents& e, const float* in, const float* weights,
                int64_t z, int64_t y, float* row) {
  const int64_t height = op.window[1].kernel, width = op.window[2].kernel;
  for (int64_t kz = 0; kz < op.window[0].kernel; ++kz) {
    const int64_t iz = InputIndex(op.window[0], op.transposed, z, kz, e.input[2]);
    if (iz < 0) continue;
    for (int64_t ky = 0; ky < height; ++ky) {
      const int64_t iy = InputIndex(op.window[1], op.transposed, y, ky, e.input[3]);
      if (iy < 0) continue;
      AddRow(op, e, in + (iz * e.input[3] + iy) * e.input[4], weights + (kz * height + ky) * width,
             row);
    }
  }
}

Extents ExtentsOf(const Convolution3d& op, const Shape& input) {
  return {input, input[1] / op.groups, op.output_channels / op.groups,
          op.window[0].kernel * op.window[1].kernel * op.window[2].kernel};
}

}  // namespace

void RunPlain(const Convolution3d& op, const Call& call) {
  const Extents e = ExtentsOf(op, call.inputs[0].shape);
  const float* weights = call.workspace.Weight(op.weight);
  const int64_t volume = e.input[2] * e.input[3] * e.input[4];
  const int64_t rows = op.output[0] * op.output[1];
  const int64_t work = op.output[2] * e.inputs_per_group * e.kernel_volume;
  ForChunks(
      e.input[0] * op.output_channels * rows, work, call.threads, [&](int64_t begin, int64_t end) {
        for (int64_t index = begin; index < end; ++index) {
          const int64_t row = index % rows, oc = index / rows % op.output_channels;
          const int64_t batch = index / rows / op.output_channels;
          float* out = call.outputs[0].data + index * op.output[2];
          std::fill_n(out, op.output[2], op.bias.empty() ? 0.0f : op.bias[oc]);
          const int64_t first = oc / e.outputs_per_group * e.inputs_per_group;
          for (int64_t ic = 0; ic < e.inputs_per_group; ++ic) {
            AddChannel(op, e, call.inputs[0].data + (batch * e.input[1] + first + ic) * volume,
                       weights + KernelOffset(op, e, oc, ic), row / op.output[1],
                       row % op.output[1], out);
          }
        }
      });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Convolution and deconvolution, row by row.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::Convolution;

// Extents of one run, by their usual letters.
struct Extents {
  int64_t batch, input_channels, height, width;
  int64_t inputs_per_group = 1, outputs_per_group = 1;
};

Extents ExtentsOf(const Convolution& op, const Shape& input) {
  const size_t rank = input.size();
  Extents e{graph::Product(input, 0, rank - 3), input[rank - 3], input[rank - 2], input[rank - 1]};
  e.inputs_per_group = e.input_channels / op.groups;
  e.outputs_per_group = op.output_channels / op.groups;
  return e;
}

int64_t CeilDivide(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

// row[ox] += weight * in[ox * stride + shift] wherever the input exists.
void AddRow(const float* in, int64_t width, int64_t stride, int64_t shift, float weight, float* row,
            int64_t output_width) {
  const int64_t begin = std::max<int64_t>(0, CeilDivide(-shift, stride));
  const int64_t end = std::min(output_width, CeilDivide(width - shift, stride));
  for (int64_t x = begin; x < end; ++x) row[x] += weight * in[x * stride + shift];
}

// row[ix * stride + shift] += weight * in[ix] wherever the output exists.
void ScatterRow(const float* in, int64_t width, int64_t stride, int64_t shift, float weight,
                float* row, int64_t output_width) {
  const int64_t begin = std::max<int64_t>(0, CeilDivide(-shift, stride));
  const int64_t end = std::min(width, CeilDivide(output_width - shift, stride));
  for (int64_t x = begin; x < end; ++x) row[x * stride + shift] += weight * in[x];
}

// The input row that kernel row `ky` of output row `oy` reads; -1 for none.
int64_t InputRow(const Convolution& op, const Extents& e, int64_t oy, int64_t ky) {
  const graph::Window& w = op.window;
  const int64_t reach = ky * w.dilation[0];
  int64_t y = oy * w.stride[0] - w.pad_begin[0] + reach;
  if (op.transposed) {
    y = oy + w.pad_begin[0] - reach;
    if (y < 0 || y % w.stride[0] != 0) return -1;
    y /= w.stride[0];
  }
  return y >= 0 && y < e.height ? y : -1;
}

// All kernel columns of one kernel row.
void AddKernelRow(const Convolution& op, const Extents& e, const float* in, const float* weights,
                  float scale, float* row) {
  const graph::Window& w = op.window;
  for (int64_t kx = 0; kx < w.kernel[1]; ++kx) {
    const int64_t reach = kx * w.dilation[1] - w.pad_begin[1];
    const float weight = weights[kx] * scale;
    if (op.transposed) {
      ScatterRow(in, e.width, w.stride[1], reach, weight, row, op.output[1]);
    } else {
      AddRow(in, e.width, w.stride[1], reach, weight, row, op.output[1]);
    }
  }
}

// The weights that join an input channel of the group to an output channel: [kh, kw].
const float* KernelOf(const Convolution& op, const Extents& e, const float* weights, int64_t oc,
                      int64_t ic) {
  const int64_t area = op.window.kernel[0] * op.window.kernel[1];
  if (!op.transposed) return weights + (oc * e.inputs_per_group + ic) * area;
  const int64_t group = oc / e.outputs_per_group, within = oc % e.outputs_per_group;
  return weights + ((group * e.inputs_per_group + ic) * e.outputs_per_group + within) * area;
}

void ConvolveRow(const Convolution& op, const Extents& e, const float* input, const float* weights,
                 int64_t oc, int64_t oy, float* row) {
  std::fill_n(row, op.output[1], op.bias.empty() ? 0.0f : op.bias[oc]);
  const float scale = op.scale.empty() ? 1.0f : op.scale[oc];
  const int64_t first_channel = oc / e.outputs_per_group * e.inputs_per_group;
  for (int64_t ky = 0; ky < op.window.kernel[0]; ++ky) {
    const int64_t y = InputRow(op, e, oy, ky);
    if (y < 0) continue;
    for (int64_t ic = 0; ic < e.inputs_per_group; ++ic) {
      const float* in = input + ((first_channel + ic) * e.height + y) * e.width;
      AddKernelRow(op, e, in, KernelOf(op, e, weights, oc, ic) + ky * op.window.kernel[1], scale,
                   row);
    }
  }
  if (op.activation) ApplyUnary(*op.activation, row, row, op.output[1], 1);
}

void Convolve(const Convolution& op, const float* weights, const Call& call) {
  const Extents e = ExtentsOf(op, call.inputs[0].shape);
  const int64_t rows = e.batch * op.output_channels * op.output[0];
  const int64_t work =
      op.output[1] * e.inputs_per_group * op.window.kernel[0] * op.window.kernel[1];
  ForChunks(rows, work, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t oy = index % op.output[0], plane = index / op.output[0];
      const float* input =
          call.inputs[0].data + plane / op.output_channels * e.input_channels * e.height * e.width;
      ConvolveRow(op, e, input, weights, plane % op.output_channels, oy,
                  call.outputs[0].data + index * op.output[1]);
    }
  });
}

}  // namespace

void RunPlain(const Convolution& op, const Call& call) {
  Convolve(op, call.workspace.Weight(op.weight), call);
}

void RunPlain(const graph::DynamicConvolution& op, const Call& call) {
  Convolve(op.convolution, call.inputs[1].data, call);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/problem.h"

#include "engine/onednn/activation.h"

namespace nbits::onednn {
namespace {

using dnnl::memory;
using graph::Convolution;

struct WeightLayout {
  memory::dims extents, strides;
};

WeightLayout LayoutOfWeights(const Convolution& op, int64_t input_channels) {
  const int64_t outputs = op.output_channels / op.groups, inputs = input_channels / op.groups;
  const int64_t width = op.window.kernel[1], area = op.window.kernel[0] * width;
  const int64_t output_stride = op.transposed ? area : inputs * area;
  const int64_t input_stride = op.transposed ? outputs * area : area;
  WeightLayout layout{{outputs, inputs, op.window.kernel[0], width},
                      {output_stride, input_stride, width, 1}};
  if (op.groups > 1) {
    layout.extents.insert(layout.extents.begin(), op.groups);
    layout.strides.insert(layout.strides.begin(), outputs * inputs * area);
  }
  return layout;
}

}  // namespace

memory::desc FileWeights(const Convolution& op, int64_t input_channels) {
  const WeightLayout layout = LayoutOfWeights(op, input_channels);
  return {layout.extents, memory::data_type::f32, layout.strides};
}

Problem ProblemOf(const Convolution& op, const memory::dims& source, const memory::dims& target) {
  const graph::Window& w = op.window;
  Problem p;
  p.source = AnyLayout(source);
  p.weights = AnyLayout(LayoutOfWeights(op, source[1]).extents);
  p.bias = RowMajor({op.output_channels});
  p.target = AnyLayout(target);
  for (int axis = 0; axis < 2; ++axis) {
    p.strides.push_back(w.stride[axis]);
    p.dilations.push_back(w.dilation[axis] - 1);
    p.pad_begin.push_back(w.pad_begin[axis]);
    const int64_t reach = (w.kernel[axis] - 1) * w.dilation[axis] + 1;
    p.pad_end.push_back(op.transposed ? (source[axis + 2] - 1) * w.stride[axis] + reach -
                                            w.pad_begin[axis] - target[axis + 2]
                                      : w.pad_end[axis]);
  }
  p.attributes = AttributesFor(op.activation);
  return p;
}

}  // namespace nbits::onednn

// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/problem.h"

#include "engine/onednn/activation.h"
#include "graph/window.h"

namespace nbits::onednn {
namespace {

using dnnl::memory;
using graph::Convolution;

// Some channels and rows of planar [batch, channels, height, width].
Slice PlanarSlice(const memory::dims& whole, const Range& channels, const Range& rows) {
  const int64_t width = whole[3], plane = whole[2] * width;
  return {channels.begin * plane + rows.begin * width,
          {{whole[0], channels.count, rows.count, width},
           memory::data_type::f32,
           memory::dims{whole[1] * plane, plane, width, 1}}};
}

Range InputChannels(const Convolution& op, const Share& share, int64_t channels) {
  const int64_t per_group = channels / op.groups;
  return {share.groups.begin * per_group, share.groups.count * per_group};
}

// Of one group of the share.
int64_t OutputsPerGroup(const Share& share) { return share.outputs.count / share.groups.count; }

memory::dims WeightExtents(const Convolution& op, const Share& share, int64_t input_channels) {
  memory::dims extents = {OutputsPerGroup(share), input_channels / op.groups, op.window.kernel[0],
                          op.window.kernel[1]};
  if (op.groups > 1) extents.insert(extents.begin(), share.groups.count);
  return extents;
}

}  // namespace

Slice SourceOf(const Convolution& op, const Share& share, const memory::dims& source) {
  return PlanarSlice(source, InputChannels(op, share, source[1]), SourceRows(op, share, source[2]));
}

Slice TargetOf(const Share& share, const memory::dims& target) {
  return PlanarSlice(target, share.outputs, share.rows);
}

Slice WeightsOf(const Convolution& op, const Share& share, int64_t input_channels) {
  const int64_t inputs = input_channels / op.groups, outputs = op.output_channels / op.groups;
  const int64_t width = op.window.kernel[1], area = op.window.kernel[0] * width;
  const int64_t output_stride = op.transposed ? area : inputs * area;
  const int64_t input_stride = op.transposed ? outputs * area : area;
  const int64_t group_stride = outputs * inputs * area;
  memory::dims strides = {output_stride, input_stride, width, 1};
  if (op.groups > 1) strides.insert(strides.begin(), group_stride);
  const int64_t first_of_group = share.outputs.begin - share.groups.begin * outputs;
  return {share.groups.begin * group_stride + first_of_group * output_stride,
          {WeightExtents(op, share, input_channels), memory::data_type::f32, strides}};
}

Problem ProblemOf(const Convolution& op, const Share& share, const memory::dims& source,
                  const memory::dims& target) {
  const graph::Window& w = op.window;
  const Range source_rows = SourceRows(op, share, source[2]);
  const int64_t inputs[] = {source_rows.count, source[3]};
  const int64_t outputs[] = {share.rows.count, target[3]};
  // How far the share's first row of the output lies from that of its source, beside the padding.
  const int64_t moved = op.transposed ? source_rows.begin * w.stride[0] - share.rows.begin
                                      : share.rows.begin * w.stride[0] - source_rows.begin;
  Problem p;
  p.source =
      AnyLayout({source[0], InputChannels(op, share, source[1]).count, inputs[0], inputs[1]});
  p.weights = AnyLayout(WeightExtents(op, share, source[1]));
  p.bias = RowMajor({share.outputs.count});
  p.target = AnyLayout({target[0], share.outputs.count, outputs[0], outputs[1]});
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t pad_begin = w.pad_begin[axis] - (axis == 0 ? moved : 0);
    const int64_t reach = graph::DilatedKernel(w, axis);
    p.strides.push_back(w.stride[axis]);
    p.dilations.push_back(w.dilation[axis] - 1);
    p.pad_begin.push_back(pad_begin);
    p.pad_end.push_back(
        op.transposed ? (inputs[axis] - 1) * w.stride[axis] + reach - pad_begin - outputs[axis]
                      : (outputs[axis] - 1) * w.stride[axis] + reach - pad_begin - inputs[axis]);
  }
  p.attributes = AttributesFor(op.activation);
  return p;
}

}  // namespace nbits::onednn

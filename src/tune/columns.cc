// SPDX-License-Identifier: Apache-2.0
#include "tune/columns.h"

#include <algorithm>

namespace nbits {

int64_t ColumnReader::Axis::IndexAt(int64_t at, int64_t tap, bool transposed) const {
  if (!transposed) {
    const int64_t index = at * stride + tap * dilation - pad;
    return index >= 0 && index < input ? index : -1;
  }
  const int64_t scaled = at + pad - tap * dilation;
  if (scaled < 0 || scaled % stride != 0) return -1;
  return scaled / stride < input ? scaled / stride : -1;
}

ColumnReader ColumnReader::OfWindow(const Shape& input, std::span<const Axis> axes, int64_t groups,
                                    int64_t output_channels, bool transposed) {
  ColumnReader reader;
  std::copy(axes.begin(), axes.end(), reader.axes_.end() - static_cast<int64_t>(axes.size()));
  reader.transposed_ = transposed;
  const size_t channel_axis = input.size() - axes.size() - 1;
  reader.channels_ = input[channel_axis];
  reader.positions_ = graph::Product(input, 0, channel_axis);  // Batch.
  int64_t taps = 1;
  for (const Axis& axis : axes) {
    reader.positions_ *= axis.output;
    taps *= axis.kernel;
  }
  const auto make_layout = transposed ? InputsFirst : OutputsFirst;
  reader.layout_ = make_layout(groups, output_channels / groups, reader.channels_ / groups, taps);
  return reader;
}

ColumnReader ColumnReader::Of(const graph::Convolution& op, const Shape& input) {
  std::array<Axis, 2> axes;
  for (size_t i = 0; i < axes.size(); ++i) {
    axes[i] = {op.window.kernel[i],    op.window.stride[i],         op.window.dilation[i],
               op.window.pad_begin[i], input[input.size() - 2 + i], op.output[i]};
  }
  return OfWindow(input, axes, op.groups, op.output_channels, op.transposed);
}

ColumnReader ColumnReader::Of(const graph::Convolution3d& op, const Shape& input) {
  std::array<Axis, 3> axes;
  for (size_t i = 0; i < axes.size(); ++i) {
    const graph::AxisWindow& window = op.window[i];
    axes[i] = {window.kernel,
               window.stride,
               window.dilation,
               window.pad_begin,
               input[input.size() - 3 + i],
               op.output[i]};
  }
  return OfWindow(input, axes, op.groups, op.output_channels, op.transposed);
}

ColumnReader ColumnReader::Of(const graph::InnerProduct& op, const Shape& input) {
  ColumnReader reader;
  reader.layout_ = OutputsFirst(1, op.output_channels, op.input_channels, 1);
  reader.channels_ = op.input_channels;
  reader.positions_ = graph::Product(input) / op.input_channels;
  return reader;
}

std::optional<ColumnReader> ColumnReader::For(const graph::Graph& graph, const graph::Node& node) {
  if (node.inputs.empty()) return std::nullopt;
  const Shape& input = graph.tensors[node.inputs[0]].shape;
  if (const auto* op = std::get_if<graph::Convolution>(&node.op)) return Of(*op, input);
  if (const auto* op = std::get_if<graph::Convolution3d>(&node.op)) return Of(*op, input);
  if (const auto* op = std::get_if<graph::InnerProduct>(&node.op)) return Of(*op, input);
  return std::nullopt;
}

void ColumnReader::ReadChannel(std::span<const float> channel, const std::array<int64_t, 3>& at,
                               float* column) const {
  for (int64_t i = 0; i < axes_[0].kernel; ++i) {
    const int64_t z = axes_[0].IndexAt(at[0], i, transposed_);
    for (int64_t j = 0; j < axes_[1].kernel; ++j) {
      const int64_t y = axes_[1].IndexAt(at[1], j, transposed_);
      const int64_t row = (z * axes_[1].input + y) * axes_[2].input;
      for (int64_t k = 0; k < axes_[2].kernel; ++k) {
        const int64_t x = axes_[2].IndexAt(at[2], k, transposed_);
        const bool is_inside = z >= 0 && y >= 0 && x >= 0;
        *column++ = is_inside ? channel[static_cast<size_t>(row + x)] : 0.0f;
      }
    }
  }
}

void ColumnReader::Read(std::span<const float> input, int64_t position,
                        std::span<float> column) const {
  std::array<int64_t, 3> at = {};
  for (size_t axis = axes_.size(); axis-- > 0;) {
    at[axis] = position % axes_[axis].output;
    position /= axes_[axis].output;
  }
  const auto plane = static_cast<size_t>(axes_[0].input * axes_[1].input * axes_[2].input);
  const auto channels = static_cast<size_t>(channels_);
  const size_t first = static_cast<size_t>(position) * channels;
  for (size_t c = 0; c < channels; ++c) {
    ReadChannel(input.subspan((first + c) * plane, plane), at,
                column.data() + c * static_cast<size_t>(layout_.taps));
  }
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/convolution/convolution_tail.h"

#include <algorithm>

namespace nbits {
namespace {

using graph::Unary;
using graph::UnaryFunction;

// The slope on the negative side must not turn the line's sign into another one.
std::optional<LineActivation> AsLine(const Unary& op) {
  LineActivation line{op.scale, op.shift};
  switch (op.function) {
    case UnaryFunction::kRelu:
      line.low = 0;
      return line;
    case UnaryFunction::kThreshold:
      line.low = op.alpha;
      return line;
    case UnaryFunction::kClip:
      line.low = op.alpha;
      line.high = op.beta;
      return line;
    case UnaryFunction::kLeakyRelu:
      line.leak = op.alpha;
      return line;
    case UnaryFunction::kLinear:
      return LineActivation{op.alpha * op.scale, op.alpha * op.shift + op.beta};
    default:
      return std::nullopt;
  }
}

// Larger outputs would push everything else out of a third-level cache, and not be found there when
// they are read.
constexpr int64_t kStreamedBytes = int64_t{16} << 20;

// Of one batch entry.
const void* EntryOf(const void* data, const Shape& shape, const Format& format, int64_t entry) {
  const ImageExtents e = ImageExtentsOf(shape);
  const int64_t bytes = e.blocked_elements() * ElementBytes(format.element);
  return static_cast<const std::byte*>(data) + entry * bytes;
}

}  // namespace

ConvolutionTail::ConvolutionTail(const graph::Convolution& op)
    : channels_(op.output_channels), bias_(blocks() * kChannelBlock, 0.0f), addition_(op.addition) {
  std::ranges::copy(op.bias, bias_.begin());
  if (!op.activation) return;
  if (const auto line = AsLine(*op.activation)) {
    line_ = *line;
  } else {
    function_ = op.activation;
  }
}

BlockedOutput OutputOf(const ConvolutionTail& tail, const graph::Convolution& op, const Call& call,
                       int64_t entry) {
  const Result& result = call.outputs[0];
  BlockedOutput output{
      .tail = &tail,
      .data = const_cast<void*>(EntryOf(result.data, result.shape, result.format, entry)),
      .element = result.format.element,
      .height = op.output[0],
      .width = op.output[1],
      .stream = StoredBytes(result.shape, result.format) > kStreamedBytes};
  if (op.adds()) {
    const Operand& add = call.inputs.back();
    output.add = EntryOf(add.data, add.shape, add.format, entry);
    output.add_element = add.format.element;
  }
  return output;
}

}  // namespace nbits

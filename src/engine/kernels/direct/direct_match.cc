// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/direct/direct_match.h"

#include "graph/window.h"

namespace nbits {

using graph::Convolution;

// A hostile or extraordinary window would make scratch memory as large as it says.
constexpr int64_t kLongestKernel = 64, kLongestStride = 16;

const Convolution* AsDense(const graph::Graph& graph, const graph::Node& node) {
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr || op->transposed || op->groups != 1) return nullptr;
  if (!CanBeBlocked(graph.tensors[node.inputs[0]].shape)) return nullptr;
  const graph::Window& window = op->window;
  for (int axis = 0; axis < 2; ++axis) {
    if (DilatedKernel(window, axis) > kLongestKernel) return nullptr;
    if (window.stride[axis] > kLongestStride) return nullptr;
  }
  const int64_t taps = window.kernel[0] * window.kernel[1];
  const int64_t channels = ChannelBlocks(graph.weights[op->weight].shape[1]) * kChannelBlock;
  return taps <= kMostProducts / channels ? op : nullptr;
}

const Convolution* AsDirect(const graph::Graph& graph, const graph::Node& node) {
  const Convolution* op = AsDense(graph, node);
  return op != nullptr && op->window.kernel != graph::Pair{1, 1} ? op : nullptr;
}

}  // namespace nbits

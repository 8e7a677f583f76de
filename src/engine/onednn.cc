// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn.h"

#include "engine/onednn/kernels.h"

namespace nbits {

absl::StatusOr<std::unique_ptr<Kernel>> MakeOneDnnKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options) {
  if (node.inputs.empty() || !AllPlanar(formats)) return nullptr;
  const Shape& source = graph.tensors[node.inputs[0]].shape;
  const Shape& target = graph.tensors[node.outputs[0]].shape;
  if (const auto* op = std::get_if<graph::Convolution>(&node.op)) {
    if (op->adds() || op->reads_others()) return nullptr;
    if (onednn::IsPointwise(*op)) return onednn::MakePointwise(*op, source);
    return onednn::MakeConvolution(*op, source, target, options.threads);
  }
  if (const auto* op = std::get_if<graph::InnerProduct>(&node.op)) {
    return onednn::MakeInnerProduct(*op);
  }
  if (const auto* op = std::get_if<graph::MatrixProduct>(&node.op)) {
    const Shape& other = graph.tensors[node.inputs[1]].shape;
    return onednn::MakeMatrixProduct(*op, source, other, target);
  }
  return nullptr;
}

}  // namespace nbits

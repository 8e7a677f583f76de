// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/plain.h"

#include "engine/kernels/recurrent/recurrent.h"

namespace nbits {
namespace {

int64_t WorkspaceBytes(const graph::Op& op, const graph::Graph& graph, const graph::Node& node) {
  const auto* recurrent = std::get_if<graph::Recurrent>(&op);
  if (recurrent == nullptr) return 0;
  return PlainRecurrentWorkspaceBytes(*recurrent, graph.tensors[node.inputs[0]].shape);
}

bool HasPlainKernel(const graph::Op& op, const NodeFormats& formats) {
  if (std::holds_alternative<graph::Reformat>(op)) return true;
  const auto* convolution = std::get_if<graph::Convolution>(&op);
  const bool fused = convolution != nullptr && (convolution->adds() || convolution->reads_others());
  return AllPlanar(formats) && !fused;
}

class PlainKernel : public Kernel {
 public:
  PlainKernel(const graph::Op& op, int64_t workspace_bytes)
      : op_(op), workspace_bytes_(workspace_bytes) {}

  absl::Status Run(const Call& call) const override {
    std::visit([&](const auto& op) { RunPlain(op, call); }, op_);
    return absl::OkStatus();
  }
  int64_t workspace_bytes() const override { return workspace_bytes_; }
  absl::string_view name() const override { return "plain"; }

 private:
  const graph::Op& op_;  // The graph outlives its kernels.
  int64_t workspace_bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakePlainKernel(const graph::Graph& graph,
                                                        const graph::Node& node,
                                                        const NodeFormats& formats,
                                                        const EngineOptions&) {
  if (!HasPlainKernel(node.op, formats)) return nullptr;
  return std::make_unique<PlainKernel>(node.op, WorkspaceBytes(node.op, graph, node));
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "engine/kernels/blocked/blocked.h"
#include "engine/kernels/common/rows.h"

namespace nbits {
namespace {

using graph::Concat;
using graph::Graph;
using graph::Node;

class ConcatKernel : public Kernel {
 public:
  absl::string_view name() const override { return "blocked"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const Result& out = call.outputs[0];
    const int64_t batch = ImageExtentsOf(out.shape).batch;
    const int64_t pitch = StoredBytes(out.shape, out.format) / batch;
    int64_t offset = 0;
    for (const Operand& input : call.inputs) {
      const int64_t length = StoredBytes(input.shape, input.format) / batch;
      for (int64_t n = 0; n < batch; ++n) {
        const std::byte* from = reinterpret_cast<const std::byte*>(input.data) + n * length;
        std::byte* to = reinterpret_cast<std::byte*>(out.data) + n * pitch + offset;
        if (from != to) Copy(from, to, length, call.threads);
      }
      offset += length;
    }
    return absl::OkStatus();
  }

 private:
  static void Copy(const std::byte* from, std::byte* to, int64_t bytes, int threads) {
    constexpr int64_t kPart = 1 << 16;
    ForChunks((bytes + kPart - 1) / kPart, kPart / 4, threads, [&](int64_t begin, int64_t end) {
      const int64_t last = std::min(bytes, end * kPart);
      std::memcpy(to + begin * kPart, from + begin * kPart, last - begin * kPart);
    });
  }
};

// Whether the inputs' channel blocks, one after the other, are the output's.
bool JoinsBlocks(const Graph& graph, const Node& node, const Concat& op) {
  const int rank = static_cast<int>(graph.tensors[node.outputs[0]].shape.size());
  if (rank < 3 || op.axis != rank - 3 || op.stack || op.interleave) return false;
  for (size_t i = 0; i + 1 < node.inputs.size(); ++i) {
    if (graph.tensors[node.inputs[i]].shape[rank - 3] % kChannelBlock != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<NodeFormats> ChooseConcatFormats(const Graph& graph, const Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions&) {
  const auto* op = std::get_if<Concat>(&node.op);
  if (op == nullptr || !JoinsBlocks(graph, node, *op)) return std::nullopt;
  const auto blocked = std::ranges::find(current, Layout::kBlocked, &Format::layout);
  if (blocked == current.end()) return std::nullopt;
  return NodeFormats{std::vector<Format>(node.inputs.size(), *blocked), {*blocked}};
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeConcatKernel(const Graph& graph, const Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options) {
  const auto chosen = ChooseConcatFormats(graph, node, formats.inputs, options);
  if (!chosen || chosen->inputs != formats.inputs || chosen->outputs != formats.outputs) {
    return nullptr;
  }
  return std::make_unique<ConcatKernel>();
}

}  // namespace nbits

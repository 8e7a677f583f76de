// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/packed/embedding.h"

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/table_index.h"
#include "tensor/element.h"

namespace nbits {
namespace {

using graph::Embedding;

class EmbeddingKernel : public Kernel {
 public:
  EmbeddingKernel(const Embedding& op, const PackedTensor& weights) : op_(op), weights_(weights) {}

  absl::string_view name() const override { return "embedding"; }
  int64_t workspace_bytes() const override { return 0; }
  bool decodes_whole_weights() const override { return false; }

  // An index's channels lie `dictionary` elements apart: each is a line of memory of its own.
  absl::Status Run(const Call& call) const override {
    constexpr int64_t kElementWork = 16;  // An element takes as long as so many values of a loop.
    const int64_t indices = graph::Product(call.inputs[0].shape);
    ForChunks(op_.channels, kElementWork * indices, call.threads, [&](int64_t begin, int64_t end) {
      for (int64_t i = 0; i < indices; ++i) {
        const int64_t word = TableIndex(call.inputs[0].data[i], op_.dictionary);
        float* out = call.outputs[0].data + i * op_.channels;
        for (int64_t c = begin; c < end; ++c) {
          const float value = DecodeElement(weights_, c * op_.dictionary + word);
          out[c] = op_.bias.empty() ? value : value + op_.bias[c];
        }
      }
    });
    return absl::OkStatus();
  }

 private:
  const Embedding& op_;
  const PackedTensor& weights_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeEmbeddingKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions&) {
  const auto* op = std::get_if<Embedding>(&node.op);
  if (op == nullptr || !AllPlanar(formats)) return nullptr;
  return std::make_unique<EmbeddingKernel>(*op, graph.weights[op->weight]);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Inner products in integer arithmetic: a 1 x 1 convolution of as many pixels as there are rows.
#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/direct/direct_match.h"
#include "engine/kernels/int8/int8_convolution.h"
#include "engine/kernels/int8/int8_product.h"
#include "engine/kernels/int8/int8_run.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::InnerProduct;

Convolution AsConvolution(const InnerProduct& op, int64_t rows) {
  Convolution convolution;
  convolution.output = {1, rows};
  convolution.output_channels = op.output_channels;
  convolution.weight = op.weight;
  convolution.bias = op.bias;
  convolution.activation = op.activation;
  return convolution;
}

class Int8InnerProductKernel : public Kernel {
 public:
  Int8InnerProductKernel(const InnerProduct& op, const PackedTensor& weights, int threads)
      : rows_(graph::Product(op.output_shape) / op.output_channels),
        input_{1, op.input_channels, 1, rows_},
        output_{1, op.output_channels, 1, rows_},
        problem_{AsConvolution(op, rows_),
                 Int8Rows({}, ChannelBlocks(op.input_channels), kInt8Run),
                 Int8Weights(weights, kNoFactors, op.input_channels, 1),
                 ConvolutionTail(AsConvolution(op, rows_)),
                 nullptr,
                 std::nullopt},
        threads_(threads) {}

  absl::Status Run(const Call& call) const override {
    float* in = call.workspace.Floats(StoredElements(input_, Layout::kBlocked));
    float* out = call.workspace.Floats(StoredElements(output_, Layout::kBlocked));
    ToBlocked(call.inputs[0].data, call.threads, in);
    const Operand operands[] = {{input_, in, kBlockedFormat}};
    const Result results[] = {{output_, out, kBlockedFormat}};
    const Call blocked{operands, results, call.workspace, call.threads};
    Int8Run(problem_, operands, blocked, std::min(call.threads, threads_)).Run(1);
    ToRows(out, call.threads, call.outputs[0].data);
    return absl::OkStatus();
  }
  int64_t workspace_bytes() const override {
    return AlignedSize(4 * StoredElements(input_, Layout::kBlocked)) +
           AlignedSize(4 * StoredElements(output_, Layout::kBlocked)) +
           Int8Run::WorkspaceBytes(problem_, threads_);
  }
  bool decodes_whole_weights() const override { return false; }
  absl::string_view name() const override { return "int8"; }

 private:
  static inline const std::vector<float> kNoFactors = {};

  // From [row][channel] to [block][row][16], zero beyond the last channel.
  void ToBlocked(const float* from, int threads, float* to) const {
    const int64_t channels = input_[1];
    ForChunks(ChannelBlocks(channels) * rows_, kChannelBlock, threads, [&](int64_t i, int64_t end) {
      for (; i < end; ++i) {
        const int64_t first = i / rows_ * kChannelBlock;
        const int64_t count = std::min(kChannelBlock, channels - first);
        float* target = to + i * kChannelBlock;
        std::copy_n(from + i % rows_ * channels + first, count, target);
        std::fill(target + count, target + kChannelBlock, 0.0f);
      }
    });
  }
  void ToRows(const float* from, int threads, float* to) const {
    const int64_t channels = output_[1];
    ForChunks(ChannelBlocks(channels) * rows_, kChannelBlock, threads, [&](int64_t i, int64_t end) {
      for (; i < end; ++i) {
        const int64_t first = i / rows_ * kChannelBlock;
        const int64_t count = std::min(kChannelBlock, channels - first);
        std::copy_n(from + i * kChannelBlock, count, to + i % rows_ * channels + first);
      }
    });
  }

  int64_t rows_;
  Shape input_, output_;  // Of the convolution.
  Int8Problem problem_;
  int threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeInt8InnerProductKernel(const graph::Graph& graph,
                                                                   const graph::Node& node,
                                                                   const NodeFormats& formats,
                                                                   const EngineOptions& options) {
  const auto* op = std::get_if<InnerProduct>(&node.op);
  if (op == nullptr || options.compute != Compute::kInt8 || !AllPlanar(formats)) return nullptr;
  const PackedTensor& weights = graph.weights[op->weight];
  const bool fits = ChannelBlocks(op->input_channels) * kChannelBlock <= kMostProducts;
  // An empty input has nothing to find a range of.
  if (!fits || !Int8Weights::CanRead(weights) || graph::Product(op->output_shape) == 0) {
    return nullptr;
  }
  return std::make_unique<Int8InnerProductKernel>(*op, weights, options.threads);
}

}  // namespace nbits

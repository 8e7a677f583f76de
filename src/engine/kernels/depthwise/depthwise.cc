// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/depthwise/depthwise.h"

#include <algorithm>

#include "engine/kernels/common/cache_lines.h"
#include "engine/kernels/common/kernel_lanes.h"
#include "engine/kernels/common/workers.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

// Values that a thread computes at a time, about: the rows they come from stay in its second-level
// cache.
constexpr int64_t kValuesPerItem = 1 << 15;

// A hostile window would make decoded weights as large as it says.
constexpr int64_t kMostTaps = 1 << 12;

class DepthwiseKernel : public Kernel {
 public:
  DepthwiseKernel(const Convolution& op, const PackedTensor& weights, const Shape& input,
                  int threads)
      : op_(op), depthwise_(op, weights, input), threads_(threads) {}

  absl::Status Run(const Call& call) const override {
    const float* weights = depthwise_.Decode(call.workspace);
    const int64_t batch = ImageExtentsOf(call.outputs[0].shape).batch;
    const int64_t blocks = depthwise_.tail().blocks(), height = op_.output[0];
    const int64_t band =
        std::clamp<int64_t>(kValuesPerItem / (op_.output[1] * kChannelBlock), 1, height);
    const int64_t bands = (height + band - 1) / band;
    std::vector<BlockedOutput> outputs;
    for (int64_t entry = 0; entry < batch; ++entry) {
      outputs.push_back(OutputOf(depthwise_.tail(), op_, call, entry));
    }
    ForWorkers(batch * blocks * bands, std::min(call.threads, threads_),
               [&](int64_t item, int64_t) {
                 const int64_t block = item % blocks, entry = item / blocks / bands;
                 const int64_t first = item / blocks % bands * band;
                 for (int64_t y = first; y < std::min(first + band, height); ++y) {
                   const BlockedOutput& output = outputs[entry];
                   depthwise_.RunRow(call.inputs[0], entry, weights, block, y, 0, op_.output[1],
                                     output, output.IndexOf(block, y, 0));
                 }
               });
    return absl::OkStatus();
  }

  int64_t workspace_bytes() const override { return depthwise_.decoded_bytes(); }
  bool decodes_whole_weights() const override { return false; }
  absl::string_view name() const override { return "depthwise"; }

 private:
  const Convolution& op_;  // The graph outlives its kernels.
  Depthwise depthwise_;
  int threads_;
};

const Convolution* AsDepthwise(const Graph& graph, const Node& node) {
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr || !op->sources.empty()) return nullptr;
  return IsBlockedDepthwise(*op, graph.tensors[node.inputs[0]].shape) ? op : nullptr;
}

}  // namespace

bool IsBlockedDepthwise(const Convolution& op, const Shape& input) {
  if (op.transposed || !CanBeBlocked(input)) return false;
  const int64_t channels = ImageExtentsOf(input).channels;
  // A single channel would leave 15 lanes of 16 empty.
  return channels > 1 && op.groups == channels && op.output_channels == channels &&
         op.window.kernel[0] <= kMostTaps / op.window.kernel[1];
}

Depthwise::Depthwise(const Convolution& op, const PackedTensor& weights, const Shape& input)
    : op_(op),
      weights_(weights),
      tail_(op),
      spans_(DepthwiseSpans(op.window, ImageExtentsOf(input).width, op.output[1])),
      scale_(op.scale) {
  if (!scale_.empty()) scale_.resize(tail_.blocks() * kChannelBlock, 1.0f);
}

const float* Depthwise::Decode(Workspace& workspace) const {
  float* const weights = workspace.Floats(weight_floats());
  float* const scratch = workspace.Floats(scratch_floats());
  float* to = weights;
  const KernelLanes lanes(weights_, 1, taps());
  for (int64_t block = 0; block < tail_.blocks(); ++block) {
    lanes.Read(block, 0, 1, scratch, to,
               scale_.empty() ? nullptr : scale_.data() + block * kChannelBlock);
    to += taps() * kChannelBlock;
  }
  return weights;
}

void Depthwise::RunRow(const Operand& input, int64_t entry, const float* weights, int64_t block,
                       int64_t y, int64_t x, int64_t count, const BlockedOutput& output,
                       int64_t index) const {
  const ImageExtents e = ImageExtentsOf(input.shape);
  const int64_t start = (entry * e.blocks() + block) * e.pixels() * kChannelBlock;
  const auto* data = reinterpret_cast<const std::byte*>(input.data);
  const Element element = input.format.element;
  const DepthwisePlane plane{data + start * ElementBytes(element), element, e.height, e.width,
                             weights + block * taps() * kChannelBlock};
  RunDepthwiseRow(op_.window, plane, spans_, y, x, count, output, block, index);
}

void Depthwise::PrefetchRow(const Operand& input, int64_t entry, int64_t block, int64_t y,
                            int64_t x, int64_t count, bool all) const {
  const graph::Window& w = op_.window;
  const ImageExtents e = ImageExtentsOf(input.shape);
  const int64_t bytes = kChannelBlock * ElementBytes(input.format.element);
  const auto* plane = reinterpret_cast<const std::byte*>(input.data) +
                      (entry * e.blocks() + block) * e.pixels() * bytes;
  const int64_t begin = std::clamp<int64_t>(x * w.stride[1] - w.pad_begin[1], 0, e.width);
  const int64_t last = (x + count - 1) * w.stride[1] - w.pad_begin[1];
  const int64_t end =
      std::clamp<int64_t>(last + (w.kernel[1] - 1) * w.dilation[1] + 1, begin, e.width);
  const int64_t lines = ((end - begin) * bytes + kCacheLineBytes - 1) / kCacheLineBytes;
  const bool shares = !all && w.dilation[0] == 1;
  const KernelReach rows = KernelReachOf(w, 0, y, e.height);
  const int64_t first = shares ? std::max(rows.begin, w.kernel[0] - w.stride[0]) : rows.begin;
  for (int64_t ky = first; ky < rows.end; ++ky) {
    const int64_t row = y * w.stride[0] - w.pad_begin[0] + ky * w.dilation[0];
    Prefetch({plane + (row * e.width + begin) * bytes, lines}, 0, lines);
  }
}

std::optional<NodeFormats> ChooseDepthwiseFormats(const Graph& graph, const Node& node,
                                                  std::span<const Format> current,
                                                  const EngineOptions&) {
  if (AsDepthwise(graph, node) == nullptr) return std::nullopt;
  return BlockedFormats(current);
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeDepthwiseKernel(const Graph& graph, const Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options) {
  const Convolution* op = AsDepthwise(graph, node);
  if (op == nullptr || !AllBlocked(formats)) return nullptr;
  return std::make_unique<DepthwiseKernel>(*op, graph.weights[op->weight],
                                           graph.tensors[node.inputs[0]].shape, options.threads);
}

}  // namespace nbits

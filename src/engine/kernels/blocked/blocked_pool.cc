// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/blocked/blocked.h"
#include "engine/kernels/common/pool_reach.h"
#include "engine/kernels/common/rows.h"
#include "engine/kernels/common/window_rows.h"

namespace nbits {
namespace {

using graph::Pool;

// The columns of the output; `factor` of an average is what a column contributes to 1 / count.
std::vector<PoolSpan> ColumnsOf(const Pool& op, int64_t width) {
  std::vector<PoolSpan> spans;
  for (int64_t x = 0; x < op.output[1]; ++x) {
    const Reach reach = ReachOf(op.window, 1, x, width);
    const int64_t seen = std::max<int64_t>(0, reach.end - reach.begin);
    const int64_t count = op.exclude_padding ? seen : reach.padded;
    spans.push_back({reach.begin, reach.end, count > 0 ? 1.0f / static_cast<float>(count) : 0.0f});
  }
  return spans;
}

float RowFactor(const Pool& op, const Reach& rows) {
  const int64_t seen = std::max<int64_t>(0, rows.end - rows.begin);
  const int64_t count = op.exclude_padding ? seen : rows.padded;
  return count > 0 ? 1.0f / static_cast<float>(count) : 0.0f;
}

class PoolKernel : public Kernel {
 public:
  explicit PoolKernel(const Pool& op) : op_(op) {}

  absl::string_view name() const override { return "blocked"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const ImageExtents e = ImageExtentsOf(call.inputs[0].shape);
    const std::vector<PoolSpan> columns = ColumnsOf(op_, e.width);
    const int64_t area = std::min(e.height, op_.window.kernel[0]) * e.width * kChannelBlock;
    ForChunks(e.batch * e.blocks() * op_.output[0], area, call.threads,
              [&](int64_t begin, int64_t end) {
                Scratch scratch;
                scratch.row.resize(e.width * kChannelBlock);
                scratch.total.resize(e.width * kChannelBlock);
                scratch.out.resize(op_.output[1] * kChannelBlock);
                for (int64_t i = begin; i < end; ++i) PoolRow(call, e, columns, i, scratch);
              });
    return absl::OkStatus();
  }

 private:
  // What one thread works in.
  struct Scratch {
    std::vector<float> row, total, out;
    std::vector<PoolSpan> spans;
  };

  void PoolRow(const Call& call, const ImageExtents& e, const std::vector<PoolSpan>& columns,
               int64_t index, Scratch& scratch) const {
    const int64_t plane = index / op_.output[0];
    const Reach rows = ReachOf(op_.window, 0, index % op_.output[0], e.height);
    const int64_t row_values = e.width * kChannelBlock;
    for (int64_t y = rows.begin; y < rows.end; ++y) {
      const float* row = ReadRow(call.inputs[0], (plane * e.height + y) * row_values, row_values,
                                 scratch.row.data());
      PoolAccumulate(op_.function, row, y == rows.begin, scratch.total.data(), row_values);
    }
    // Without rows every column is empty.
    scratch.spans.assign(columns.begin(), columns.end());
    const float factor = RowFactor(op_, rows);
    for (PoolSpan& span : scratch.spans) {
      if (rows.end <= rows.begin) span.end = span.begin;
      span.factor *= factor;
    }
    WriteRow(call.outputs[0], e, plane, index * op_.output[1] * kChannelBlock, scratch);
  }

  void WriteRow(const Result& result, const ImageExtents& e, int64_t plane, int64_t first,
                Scratch& scratch) const {
    float* out = RowTarget(result, first, scratch.out.data());
    PoolSpans(op_.function, scratch.total.data(), scratch.spans, out);
    const int64_t lanes = e.channels % kChannelBlock, count = op_.output[1] * kChannelBlock;
    if (lanes != 0 && plane % e.blocks() == e.blocks() - 1) ZeroLanes(out, count, lanes);
    FinishRow(result, first, count, out);
  }

  const Pool& op_;  // The graph outlives its kernels.
};

}  // namespace

std::optional<NodeFormats> ChoosePoolFormats(const graph::Graph&, const graph::Node& node,
                                             std::span<const Format> current,
                                             const EngineOptions&) {
  if (!std::holds_alternative<Pool>(node.op) || current[0].layout != Layout::kBlocked) {
    return std::nullopt;
  }
  return NodeFormats{{current[0]}, {current[0]}};
}

absl::StatusOr<std::unique_ptr<Kernel>> MakePoolKernel(const graph::Graph& graph,
                                                       const graph::Node& node,
                                                       const NodeFormats& formats,
                                                       const EngineOptions& options) {
  if (!ChoosePoolFormats(graph, node, formats.inputs, options)) return nullptr;
  return std::make_unique<PoolKernel>(std::get<Pool>(node.op));
}

}  // namespace nbits

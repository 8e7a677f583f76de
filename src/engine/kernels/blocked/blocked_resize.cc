// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/blocked/blocked.h"
#include "engine/kernels/common/rows.h"
#include "engine/kernels/common/sampling.h"
#include "engine/kernels/common/window_rows.h"

namespace nbits {
namespace {

using graph::Graph;
using graph::Node;
using graph::Resize;
using graph::TensorId;

// The columns' samples, one array a field.
struct Columns {
  std::vector<int32_t> low, high;
  std::vector<float> fraction;

  explicit Columns(const std::vector<Sample>& samples) {
    for (const Sample& sample : samples) {
      low.push_back(static_cast<int32_t>(sample.low));
      high.push_back(static_cast<int32_t>(sample.high));
      fraction.push_back(sample.fraction);
    }
  }
  SampledColumns view() const { return {low, high, fraction}; }
};

class ResizeKernel : public Kernel {
 public:
  ResizeKernel(const Resize& op, const Shape& input)
      : op_(op),
        input_(ImageExtentsOf(input)),
        rows_(SamplesOf(op, 0, input_.height)),
        columns_(SamplesOf(op, 1, input_.width)) {}

  absl::string_view name() const override { return "rows"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const bool blocked = call.inputs[0].format.layout == Layout::kBlocked;
    const int64_t lanes = blocked ? kChannelBlock : 1;
    const int64_t planes = input_.batch * (blocked ? input_.blocks() : input_.channels);
    ForChunks(planes * op_.output[0], op_.output[1] * lanes, call.threads,
              [&](int64_t begin, int64_t end) {
                Scratch scratch;
                for (auto* row : {&scratch.low, &scratch.high, &scratch.blend}) {
                  row->resize(input_.width * lanes);
                }
                scratch.out.resize(op_.output[1] * lanes);
                for (int64_t i = begin; i < end; ++i) ResizeRow(call, lanes, i, scratch);
              });
    return absl::OkStatus();
  }

 private:
  // What one thread works in.
  struct Scratch {
    std::vector<float> low, high, blend, out;
  };

  // The input row that lies where output row `index` (of all planes) samples.
  const float* BlendedRow(const Operand& input, int64_t lanes, int64_t index,
                          Scratch& scratch) const {
    const int64_t plane = index / op_.output[0], count = input_.width * lanes;
    const Sample& row = rows_[index % op_.output[0]];
    const int64_t start = plane * input_.height;
    const float* low = ReadRow(input, (start + row.low) * count, count, scratch.low.data());
    if (row.fraction == 0 || row.low == row.high) return low;
    const float* high = ReadRow(input, (start + row.high) * count, count, scratch.high.data());
    BlendRows(low, high, row.fraction, scratch.blend.data(), count);
    return scratch.blend.data();
  }

  void ResizeRow(const Call& call, int64_t lanes, int64_t index, Scratch& scratch) const {
    const float* row = BlendedRow(call.inputs[0], lanes, index, scratch);
    const int64_t count = op_.output[1] * lanes, first = index * count;
    float* out = RowTarget(call.outputs[0], first, scratch.out.data());
    if (lanes == 1) {
      SamplePlanarRow(row, columns_.view(), out);
    } else {
      SampleBlockedRow(row, columns_.view(), out);
    }
    FinishRow(call.outputs[0], first, count, out);
  }

  const Resize& op_;  // The graph outlives its kernels.
  ImageExtents input_;
  std::vector<Sample> rows_;
  Columns columns_;
};

// Whether a tensor is wanted planar: it leaves the network, or feeds something that reads along the
// channels, perhaps after an element-wise operation.
bool EndsPlanar(const Graph& graph, TensorId tensor) {
  for (const graph::Port& port : graph.outputs) {
    if (port.tensor == tensor) return true;
  }
  for (const Node& node : graph.nodes) {
    if (std::ranges::find(node.inputs, tensor) == node.inputs.end()) continue;
    if (std::holds_alternative<graph::Softmax>(node.op) ||
        std::holds_alternative<graph::ArgExtreme>(node.op)) {
      return true;
    }
    return std::holds_alternative<graph::Unary>(node.op) && EndsPlanar(graph, node.outputs[0]);
  }
  return false;
}

}  // namespace

std::optional<NodeFormats> ChooseResizeFormats(const Graph& graph, const Node& node,
                                               std::span<const Format> current,
                                               const EngineOptions&) {
  const auto* op = std::get_if<Resize>(&node.op);
  if (op == nullptr) return std::nullopt;
  const Shape& in = graph.tensors[node.inputs[0]].shape;
  const Shape& out = graph.tensors[node.outputs[0]].shape;
  // Indices of a row are 32 bits; an extent of 2^31 - 1 alone would be a tensor of the largest
  // size.
  if (in.back() > std::numeric_limits<int32_t>::max()) return std::nullopt;
  const bool grows = graph::Product(out) >= graph::Product(in);
  if (current[0] == kPlanarFormat || (grows && EndsPlanar(graph, node.outputs[0]))) {
    return PlanarFormats(node);
  }
  return NodeFormats{{current[0]}, {current[0]}};
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeResizeKernel(const Graph& graph, const Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions&) {
  const auto* op = std::get_if<Resize>(&node.op);
  if (op == nullptr || formats.inputs[0] != formats.outputs[0]) return nullptr;
  const Shape& input = graph.tensors[node.inputs[0]].shape;
  if (input.back() > std::numeric_limits<int32_t>::max()) return nullptr;
  return std::make_unique<ResizeKernel>(*op, input);
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/blocked/elementwise.h"

#include <array>

#include "engine/kernels/common/rows.h"
#include "engine/kernels/common/vector_rows.h"

namespace nbits {
namespace {

using graph::Binary;
using graph::ChannelActivation;
using graph::ChannelAffine;

using Block = std::array<float, kChannelBlock>;

// Values of the channels of one block, zero beyond the last; one value stands for all.
Block BlockOf(const std::vector<float>& values, int64_t channels, int64_t block) {
  Block result = {};
  for (int64_t lane = 0; lane < kChannelBlock; ++lane) {
    const int64_t channel = block * kChannelBlock + lane;
    if (channel < channels) result[lane] = values.size() == 1 ? values[0] : values[channel];
  }
  return result;
}

// Calls f(plane, in, out, count) for runs of the first input and the output, which are stored
// alike.
template <typename Function>
void MapRuns(const Operand& in, const Result& out, int threads, const Function& f) {
  const Planes planes = Planes::Of(out.shape, out.format.layout);
  ForRuns(planes, threads, [&](int64_t plane, int64_t first, int64_t count) {
    alignas(64) float from_buffer[kRunElements], to_buffer[kRunElements];
    const int64_t start = plane * planes.elements + first;
    const float* from = ReadRow(in, start, count, from_buffer);
    float* to = RowTarget(out, start, to_buffer);
    f(plane, start, from, to, count);
    if (planes.has_padding(plane)) ZeroLanes(to, count, planes.last_lanes);
    FinishRow(out, start, count, to);
  });
}

void RunUnary(const graph::Unary& op, const Call& call) {
  MapRuns(call.inputs[0], call.outputs[0], call.threads,
          [&](int64_t, int64_t, const float* from, float* to, int64_t count) {
            UnaryRow(op, from, to, count);
          });
}

void RunAffine(const ChannelAffine& op, const Call& call) {
  const ImageExtents e = ImageExtentsOf(call.inputs[0].shape);
  MapRuns(call.inputs[0], call.outputs[0], call.threads,
          [&](int64_t plane, int64_t, const float* from, float* to, int64_t count) {
            const Block scale = BlockOf(op.scale, e.channels, plane % e.blocks());
            const Block offset = BlockOf(op.offset, e.channels, plane % e.blocks());
            AffineRow(from, scale.data(), offset.data(), to, count);
          });
}

void RunParametricRelu(const ChannelActivation& op, const Call& call) {
  const ImageExtents e = ImageExtentsOf(call.inputs[0].shape);
  MapRuns(call.inputs[0], call.outputs[0], call.threads,
          [&](int64_t plane, int64_t, const float* from, float* to, int64_t count) {
            const Block alpha = BlockOf(op.alpha, e.channels, plane % e.blocks());
            ParametricReluRow(from, alpha.data(), to, count);
          });
}

// ---- Two operands -------------------------------------------------------------------------------

// How the smaller operand of a binary operation meets the larger one.
enum class Meeting : uint8_t { kNone, kEqual, kPixel, kValue };

Meeting MeetingOf(const Shape& large, const Shape& small) {
  if (large == small) return Meeting::kEqual;
  if (graph::Product(small) == 1 && small.size() <= large.size()) return Meeting::kValue;
  if (large.size() < 3 || small.size() != large.size()) return Meeting::kNone;
  const ImageExtents a = ImageExtentsOf(large), b = ImageExtentsOf(small);
  return a.batch == b.batch && a.channels == b.channels && b.pixels() == 1 ? Meeting::kPixel
                                                                           : Meeting::kNone;
}

struct BinaryPlan {
  Meeting meeting = Meeting::kNone;
  int large = 0;  // Index of the input that has the output's shape.
};

BinaryPlan PlanBinary(const graph::Graph& graph, const graph::Node& node) {
  const Shape& a = graph.tensors[node.inputs[0]].shape;
  const Shape& b = graph.tensors[node.inputs[1]].shape;
  const Meeting forward = MeetingOf(a, b);
  if (forward != Meeting::kNone) return {forward, 0};
  return {MeetingOf(b, a), 1};
}

// The 16 values with which a run of `plane` is combined.
Block PeriodOf(const Operand& small, int64_t plane, Meeting meeting) {
  Block period;
  if (meeting == Meeting::kValue) {
    float buffer;
    period.fill(*ReadRow(small, 0, 1, &buffer));
    return period;
  }
  float buffer[kChannelBlock];
  std::copy_n(ReadRow(small, plane * kChannelBlock, kChannelBlock, buffer), kChannelBlock,
              period.begin());
  return period;
}

void RunBinary(const Binary& op, const BinaryPlan& plan, const Call& call) {
  const Operand &large = call.inputs[plan.large], &small = call.inputs[1 - plan.large];
  MapRuns(large, call.outputs[0], call.threads,
          [&](int64_t plane, int64_t start, const float* from, float* to, int64_t count) {
            if (plan.meeting == Meeting::kEqual) {
              alignas(64) float buffer[kRunElements];
              BinaryRow(op.operation, from, ReadRow(small, start, count, buffer), to, count);
              return;
            }
            const Block period = PeriodOf(small, plane, plan.meeting);
            BinaryRowPeriodic(op.operation, from, period.data(), plan.large == 1, to, count);
          });
}

// ---- The kernel ---------------------------------------------------------------------------------

class ElementwiseKernel : public Kernel {
 public:
  ElementwiseKernel(const graph::Op& op, const BinaryPlan& binary) : op_(op), binary_(binary) {}

  absl::string_view name() const override { return "elementwise"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    if (const auto* op = std::get_if<graph::Unary>(&op_)) RunUnary(*op, call);
    if (const auto* op = std::get_if<ChannelAffine>(&op_)) RunAffine(*op, call);
    if (const auto* op = std::get_if<ChannelActivation>(&op_)) RunParametricRelu(*op, call);
    if (const auto* op = std::get_if<Binary>(&op_)) RunBinary(*op, binary_, call);
    return absl::OkStatus();
  }

 private:
  const graph::Op& op_;  // The graph outlives its kernels.
  BinaryPlan binary_;
};

std::optional<NodeFormats> ChooseBinary(const graph::Graph& graph, const graph::Node& node,
                                        std::span<const Format> current) {
  if (!HasBinaryRow(std::get<Binary>(node.op).operation)) return std::nullopt;
  const BinaryPlan plan = PlanBinary(graph, node);
  if (plan.meeting == Meeting::kNone) return std::nullopt;
  Format format = current[plan.large];
  // Of two equal ones, the blocked format: the other has been planar for want of a reason.
  if (plan.meeting == Meeting::kEqual && format == kPlanarFormat) format = current[1 - plan.large];
  const bool periodic = plan.meeting != Meeting::kEqual;
  // A row of planar values has no period of 16 channels; a value by itself may stand for any.
  if (plan.meeting == Meeting::kPixel && format == kPlanarFormat) return std::nullopt;
  if (periodic && format == kPlanarFormat) return std::nullopt;
  NodeFormats formats{{format, format}, {format}};
  if (plan.meeting == Meeting::kValue) formats.inputs[1 - plan.large] = kPlanarFormat;
  return formats;
}

// Has one value a channel, along axis -3.
bool IsChannelwise(const graph::Graph& graph, const graph::Node& node) {
  if (std::holds_alternative<ChannelAffine>(node.op)) return true;
  const auto* op = std::get_if<ChannelActivation>(&node.op);
  if (op == nullptr || op->function != ChannelActivation::Function::kParametricRelu) return false;
  return op->axis == static_cast<int>(graph.tensors[node.inputs[0]].shape.size()) - 3;
}

}  // namespace

std::optional<NodeFormats> ChooseElementwiseFormats(const graph::Graph& graph,
                                                    const graph::Node& node,
                                                    std::span<const Format> current,
                                                    const EngineOptions&) {
  if (std::holds_alternative<Binary>(node.op)) return ChooseBinary(graph, node, current);
  const bool unary = std::holds_alternative<graph::Unary>(node.op);
  if (unary || (IsChannelwise(graph, node) && current[0].layout == Layout::kBlocked)) {
    return NodeFormats{{current[0]}, {current[0]}};
  }
  return std::nullopt;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeElementwiseKernel(const graph::Graph& graph,
                                                              const graph::Node& node,
                                                              const NodeFormats& formats,
                                                              const EngineOptions& options) {
  if (node.inputs.empty()) return nullptr;
  const auto chosen = ChooseElementwiseFormats(graph, node, formats.inputs, options);
  if (!chosen || chosen->inputs != formats.inputs || chosen->outputs != formats.outputs) {
    return nullptr;
  }
  const bool binary = std::holds_alternative<Binary>(node.op);
  return std::make_unique<ElementwiseKernel>(node.op,
                                             binary ? PlanBinary(graph, node) : BinaryPlan{});
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/array/arg_extreme_rows.h"

#include <algorithm>

#include "engine/kernels/common/chunks.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/array/arg_extreme_rows.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Replaces the extremes so far, and their indices, where a value is better; the first of equal
// values stays, and so does one that is not a number.
template <bool kLargest>
HWY_INLINE void ImproveWith(const float* values, float position, int64_t count, float* best,
                            float* indices) {
  const hn::ScalableTag<float> d;
  const auto index = hn::Set(d, position);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto value = hn::LoadU(d, values + i), extreme = hn::LoadU(d, best + i);
    const auto better = kLargest ? hn::Gt(value, extreme) : hn::Lt(value, extreme);
    hn::StoreU(hn::IfThenElse(better, value, extreme), d, best + i);
    hn::StoreU(hn::IfThenElse(better, index, hn::LoadU(d, indices + i)), d, indices + i);
  }
  for (; i < count; ++i) {
    if (kLargest ? !(values[i] > best[i]) : !(values[i] < best[i])) continue;
    best[i] = values[i];
    indices[i] = position;
  }
}

void Improve(bool largest, const float* values, float position, int64_t count, float* best,
             float* indices) {
  largest ? ImproveWith<true>(values, position, count, best, indices)
          : ImproveWith<false>(values, position, count, best, indices);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {
namespace {

HWY_EXPORT(Improve);

// Positions that are compared at once: extremes and indices take 8 KiB, and rows are long enough to
// be fetched ahead.
constexpr int64_t kRowPositions = 1024;

class ArgExtremeKernel : public Kernel {
 public:
  ArgExtremeKernel(const graph::ArgExtreme& op, const AxisView& view) : op_(op), view_(view) {}

  absl::string_view name() const override { return "rows"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const int64_t rows = (view_.inner + kRowPositions - 1) / kRowPositions;
    const int64_t work = std::min(view_.inner, kRowPositions) * view_.extent;
    ForChunks(view_.outer * rows, work, call.threads, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) RunRow(call, i / rows, i % rows * kRowPositions);
    });
    return absl::OkStatus();
  }

 private:
  void RunRow(const Call& call, int64_t outer, int64_t first) const {
    const int64_t count = std::min(kRowPositions, view_.inner - first);
    const float* values = call.inputs[0].data + outer * view_.extent * view_.inner + first;
    float* indices = call.outputs[0].data + outer * view_.inner + first;
    float best[kRowPositions];
    std::copy_n(values, count, best);
    std::fill_n(indices, count, 0.0f);
    for (int64_t i = 1; i < view_.extent; ++i) {
      HWY_DYNAMIC_DISPATCH(Improve)
      (op_.largest, values + i * view_.inner, static_cast<float>(i), count, best, indices);
    }
  }

  const graph::ArgExtreme& op_;  // The graph outlives its kernels.
  AxisView view_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeArgExtremeKernel(const graph::Graph& graph,
                                                             const graph::Node& node,
                                                             const NodeFormats& formats,
                                                             const EngineOptions&) {
  const auto* op = std::get_if<graph::ArgExtreme>(&node.op);
  if (op == nullptr || !AllPlanar(formats)) return nullptr;
  const AxisView view = ViewAxis(graph.tensors[node.inputs[0]].shape, op->axis);
  if (view.inner == 1) return nullptr;
  return std::make_unique<ArgExtremeKernel>(*op, view);
}

}  // namespace nbits
#endif  // HWY_ONCE

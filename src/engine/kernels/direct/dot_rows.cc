// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/direct/dot_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/direct/dot_rows.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/lanes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

inline constexpr int kRows = 8;  // Sums that hide the latency of a fused multiply-add.

void DotRowsOf(const float* in, std::span<const int64_t> offsets, int64_t row_stride, int64_t rows,
               const float* weights, float* out) {
  const LaneTag d;
  for (int64_t row = 0; row < rows; row += kRows) {
    LaneVector sums[kRows];
    HWY_UNROLL(8)
    for (int r = 0; r < kRows; ++r) sums[r] = hn::Zero(d);
    const float* start = in + row * row_stride;
    for (size_t i = 0; i < offsets.size(); ++i) {
      for (int lane = 0; lane < kChannelBlock; lane += kLanes) {
        const LaneVector w = hn::LoadU(d, weights + i * kChannelBlock + lane);
        const float* from = start + offsets[i] + lane;
        HWY_UNROLL(8)
        for (int r = 0; r < kRows; ++r) {
          sums[r] = hn::MulAdd(hn::LoadU(d, from + r * row_stride), w, sums[r]);
        }
      }
    }
    float results[kRows];
    HWY_UNROLL(8)
    for (int r = 0; r < kRows; ++r) results[r] = hn::GetLane(hn::SumOfLanes(d, sums[r]));
    std::copy_n(results, std::min<int64_t>(kRows, rows - row), out + row);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(DotRowsOf);

void DotRows(const float* in, std::span<const int64_t> offsets, int64_t row_stride, int64_t rows,
             const float* weights, float* out) {
  HWY_DYNAMIC_DISPATCH(DotRowsOf)(in, offsets, row_stride, rows, weights, out);
}

}  // namespace nbits
#endif  // HWY_ONCE

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/depthwise/depthwise_row.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/depthwise/depthwise_row.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/convolution/convolution_tail-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// What the pixels of a row have in common.
struct Row {
  const graph::Window& window;
  const DepthwisePlane& plane;
  KernelReach rows;  // Of the kernel.
  int64_t first;     // Input row under kernel row 0; may lie outside.
};

template <bool kHalf>
HWY_INLINE LaneVector LoadPixel(const void* data, int64_t index) {
  if constexpr (kHalf) return LoadHalves(static_cast<const uint16_t*>(data) + index);
  return hn::LoadU(LaneTag(), static_cast<const float*>(data) + index);
}

// The weights of one kernel position times kPixels pixels, `pitch` apart from element `at` on.
template <int kPixels, bool kHalf>
HWY_INLINE void AddTap(const void* data, int64_t at, int64_t pitch, const float* weights,
                       LaneVector* sums) {
  const LaneVector weight = hn::LoadU(LaneTag(), weights);
  HWY_UNROLL(8)
  for (int i = 0; i < kPixels; ++i) {
    sums[i] = hn::MulAdd(LoadPixel<kHalf>(data, at + i * pitch), weight, sums[i]);
  }
}

// kPixels neighbours, all of which see the kernel columns [columns.begin, columns.end). The first
// stands in column `x` and goes to element `index`. kSize and kStride are those of the kernel, and
// `columns` is all of them; or both are 0.
template <int kPixels, int kSize, int kStride, bool kHalf>
HWY_INLINE void ConvolvePixels(const Row& row, const KernelReach& columns, int64_t x, int part,
                               const TailLanes& tail, int64_t index) {
  const graph::Window& w = row.window;
  const int64_t stride = kStride > 0 ? kStride : w.stride[1], lane = part * kLanes;
  const int64_t pitch = stride * kChannelBlock;
  const int64_t step = w.dilation[1] * kChannelBlock;
  const int64_t line = w.dilation[0] * row.plane.width * kChannelBlock;
  const int64_t start =
      (row.first * row.plane.width + x * stride - w.pad_begin[1]) * kChannelBlock + lane;
  const float* weights = row.plane.weights + lane;
  LaneVector sums[kPixels];
  HWY_UNROLL(8)
  for (int i = 0; i < kPixels; ++i) sums[i] = hn::Zero(LaneTag());
  const auto add_tap = [&](int64_t ky, int64_t kx) HWY_ATTR {
    AddTap<kPixels, kHalf>(row.plane.data, start + ky * line + kx * step, pitch,
                           weights + (ky * w.kernel[1] + kx) * kChannelBlock, sums);
  };
  if constexpr (kSize > 0) {
    HWY_UNROLL(3)
    for (int ky = 0; ky < kSize; ++ky) {
      if (ky < row.rows.begin || ky >= row.rows.end) continue;
      HWY_UNROLL(3)
      for (int kx = 0; kx < kSize; ++kx) add_tap(ky, kx);
    }
  } else {
    for (int64_t ky = row.rows.begin; ky < row.rows.end; ++ky) {
      for (int64_t kx = columns.begin; kx < columns.end; ++kx) add_tap(ky, kx);
    }
  }
  tail.StoreAll<kPixels>(sums, index + lane);
}

// Pixels [x, end), all of which see `columns`.
template <int kSize, int kStride, bool kHalf>
HWY_INLINE void ConvolveSpan(const Row& row, const KernelReach& columns, int64_t x, int64_t end,
                             int part, const TailLanes& tail, int64_t index) {
  for (; x + 8 <= end; x += 8, index += 8 * kChannelBlock) {
    ConvolvePixels<8, kSize, kStride, kHalf>(row, columns, x, part, tail, index);
  }
  if (x + 4 <= end) {
    ConvolvePixels<4, kSize, kStride, kHalf>(row, columns, x, part, tail, index);
    x += 4, index += 4 * kChannelBlock;
  }
  if (x + 2 <= end) {
    ConvolvePixels<2, kSize, kStride, kHalf>(row, columns, x, part, tail, index);
    x += 2, index += 2 * kChannelBlock;
  }
  if (x < end) ConvolvePixels<1, kSize, kStride, kHalf>(row, columns, x, part, tail, index);
}

template <bool kHalf>
HWY_INLINE void ConvolveRow(const Row& row, std::span<const DepthwiseSpan> spans, int64_t x,
                            int64_t count, const BlockedOutput& output, int64_t block,
                            int64_t index) {
  const graph::Window& w = row.window;
  const int64_t stride = w.kernel[0] == 3 && w.kernel[1] == 3 ? w.stride[1] : 0;
  for (int part = 0; part < kParts; ++part) {
    const TailLanes tail(output, block, part);
    int64_t at = x;
    for (const DepthwiseSpan& span : spans) {
      const int64_t end = std::min(span.end, x + count), to = index + (at - x) * kChannelBlock;
      if (end <= at) continue;
      const bool is_whole = span.columns.end - span.columns.begin == 3;
      if (is_whole && stride == 1) {
        ConvolveSpan<3, 1, kHalf>(row, span.columns, at, end, part, tail, to);
      } else if (is_whole && stride == 2) {
        ConvolveSpan<3, 2, kHalf>(row, span.columns, at, end, part, tail, to);
      } else {
        ConvolveSpan<0, 0, kHalf>(row, span.columns, at, end, part, tail, to);
      }
      at = end;
    }
  }
}

void DepthwiseRow(const graph::Window& window, const DepthwisePlane& plane,
                  std::span<const DepthwiseSpan> spans, int64_t y, int64_t x, int64_t count,
                  const BlockedOutput& output, int64_t block, int64_t index) {
  const Row row{window, plane, KernelReachOf(window, 0, y, plane.height),
                y * window.stride[0] - window.pad_begin[0]};
  if (plane.element == Element::kFloat16) {
    ConvolveRow<true>(row, spans, x, count, output, block, index);
  } else {
    ConvolveRow<false>(row, spans, x, count, output, block, index);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(DepthwiseRow);

KernelReach KernelReachOf(const graph::Window& window, int axis, int64_t output, int64_t extent) {
  const int64_t start = output * window.stride[axis] - window.pad_begin[axis];
  const int64_t step = window.dilation[axis];
  const int64_t begin = start >= 0 ? 0 : (-start + step - 1) / step;
  const int64_t end = start >= extent ? 0 : (extent - start + step - 1) / step;
  return {begin, std::min(end, window.kernel[axis])};
}

std::vector<DepthwiseSpan> DepthwiseSpans(const graph::Window& window, int64_t input_width,
                                          int64_t output_width) {
  std::vector<DepthwiseSpan> spans;
  for (int64_t x = 0; x < output_width; ++x) {
    const KernelReach columns = KernelReachOf(window, 1, x, input_width);
    if (spans.empty() || spans.back().columns != columns) spans.push_back({x, columns});
    spans.back().end = x + 1;
  }
  return spans;
}

void RunDepthwiseRow(const graph::Window& window, const DepthwisePlane& plane,
                     std::span<const DepthwiseSpan> spans, int64_t y, int64_t x, int64_t count,
                     const BlockedOutput& output, int64_t block, int64_t index) {
  HWY_DYNAMIC_DISPATCH(DepthwiseRow)(window, plane, spans, y, x, count, output, block, index);
}

}  // namespace nbits
#endif  // HWY_ONCE

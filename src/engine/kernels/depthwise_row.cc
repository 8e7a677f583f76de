#include "engine/kernels/depthwise_row.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/depthwise_row.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/convolution_tail-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

// Kernel positions along an axis that lie inside the image: first, and one past the last.
struct Reach {
  int64_t begin, end;
};
Reach ReachOf(const graph::Window& window, int axis, int64_t output, int64_t extent) {
  const int64_t start = output * window.stride[axis] - window.pad_begin[axis];
  const int64_t step = window.dilation[axis];
  const int64_t begin = start >= 0 ? 0 : (-start + step - 1) / step;
  const int64_t end = start >= extent ? 0 : (extent - start + step - 1) / step;
  return {begin, std::min(end, window.kernel[axis])};
}

// What the pixels of a row have in common.
struct Row {
  const graph::Window& window;
  const DepthwisePlane& plane;
  Reach rows;     // Of the kernel.
  int64_t first;  // Input row under kernel row 0; may lie outside.
};

template <bool kHalf>
HWY_INLINE LaneVector LoadPixel(const void* data, int64_t index) {
  if constexpr (kHalf) return LoadHalves(static_cast<const uint16_t*>(data) + index);
  return hn::LoadU(LaneTag(), static_cast<const float*>(data) + index);
}

// kPixels neighbours whose kernel columns [columns.begin, columns.end) lie inside the image.
// The first stands in column `x` and goes to element `index`.
template <int kPixels, bool kHalf>
HWY_INLINE void ConvolvePixels(const Row& row, Reach columns, int64_t x, int part,
                               const TailLanes& tail, int64_t index) {
  const LaneTag d;
  const graph::Window& w = row.window;
  const int64_t pitch = w.stride[1] * kChannelBlock, lane = part * kLanes;
  const int64_t left = (x * w.stride[1] - w.pad_begin[1]) * kChannelBlock + lane;
  LaneVector sums[kPixels];
  HWY_UNROLL(8)
  for (int i = 0; i < kPixels; ++i) sums[i] = hn::Zero(d);
  for (int64_t ky = row.rows.begin; ky < row.rows.end; ++ky) {
    const int64_t line = (row.first + ky * w.dilation[0]) * row.plane.width * kChannelBlock + left;
    const float* weights = row.plane.weights + ky * w.kernel[1] * kChannelBlock + lane;
    for (int64_t kx = columns.begin; kx < columns.end; ++kx) {
      const LaneVector weight = hn::LoadU(d, weights + kx * kChannelBlock);
      const int64_t at = line + kx * w.dilation[1] * kChannelBlock;
      HWY_UNROLL(8)
      for (int i = 0; i < kPixels; ++i) {
        sums[i] = hn::MulAdd(LoadPixel<kHalf>(row.plane.data, at + i * pitch), weight, sums[i]);
      }
    }
  }
  HWY_UNROLL(8)
  for (int i = 0; i < kPixels; ++i) tail.Store(sums[i], index + i * kChannelBlock + lane);
}

// Pixels [x, end) at whose places the whole kernel row lies inside the image.
template <bool kHalf>
HWY_INLINE void ConvolveInner(const Row& row, int64_t x, int64_t end, int part,
                              const TailLanes& tail, int64_t index) {
  const Reach all{0, row.window.kernel[1]};
  for (; x + 8 <= end; x += 8, index += 8 * kChannelBlock) {
    ConvolvePixels<8, kHalf>(row, all, x, part, tail, index);
  }
  for (; x + 4 <= end; x += 4, index += 4 * kChannelBlock) {
    ConvolvePixels<4, kHalf>(row, all, x, part, tail, index);
  }
  for (; x < end; ++x, index += kChannelBlock) {
    ConvolvePixels<1, kHalf>(row, all, x, part, tail, index);
  }
}

template <bool kHalf>
HWY_INLINE void ConvolveEdge(const Row& row, int64_t x, int64_t end, int part,
                             const TailLanes& tail, int64_t index) {
  for (; x < end; ++x, index += kChannelBlock) {
    const Reach columns = ReachOf(row.window, 1, x, row.plane.width);
    ConvolvePixels<1, kHalf>(row, columns, x, part, tail, index);
  }
}

// Output columns that read no padding.
Reach InnerColumns(const graph::Window& w, int64_t width) {
  const int64_t reach = (w.kernel[1] - 1) * w.dilation[1];
  const int64_t last = width - 1 - reach + w.pad_begin[1];
  const int64_t begin = (w.pad_begin[1] + w.stride[1] - 1) / w.stride[1];
  return {begin, last < 0 ? 0 : last / w.stride[1] + 1};
}

template <bool kHalf>
HWY_INLINE void ConvolveRow(const Row& row, int64_t x, int64_t count, const BlockedOutput& output,
                            int64_t block, int64_t index) {
  const Reach columns = InnerColumns(row.window, row.plane.width);
  const int64_t begin = std::clamp(columns.begin, x, x + count);
  const int64_t end = std::clamp(columns.end, begin, x + count);
  for (int part = 0; part < kParts; ++part) {
    const TailLanes tail(output, block, part);
    ConvolveEdge<kHalf>(row, x, begin, part, tail, index);
    ConvolveInner<kHalf>(row, begin, end, part, tail, index + (begin - x) * kChannelBlock);
    ConvolveEdge<kHalf>(row, end, x + count, part, tail, index + (end - x) * kChannelBlock);
  }
}

void DepthwiseRow(const graph::Window& window, const DepthwisePlane& plane, int64_t y, int64_t x,
                  int64_t count, const BlockedOutput& output, int64_t block, int64_t index) {
  const Row row{window, plane, ReachOf(window, 0, y, plane.height),
                y * window.stride[0] - window.pad_begin[0]};
  if (plane.element == Element::kFloat16) {
    ConvolveRow<true>(row, x, count, output, block, index);
  } else {
    ConvolveRow<false>(row, x, count, output, block, index);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(DepthwiseRow);

void RunDepthwiseRow(const graph::Window& window, const DepthwisePlane& plane, int64_t y, int64_t x,
                     int64_t count, const BlockedOutput& output, int64_t block, int64_t index) {
  HWY_DYNAMIC_DISPATCH(DepthwiseRow)(window, plane, y, x, count, output, block, index);
}

}  // namespace nbits
#endif  // HWY_ONCE

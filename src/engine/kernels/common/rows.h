// SPDX-License-Identifier: Apache-2.0
// Runs of stored values as Float32, whatever the tensor's element is; and how work on blocked
// tensors is cut into runs.
#ifndef NBITS_ENGINE_KERNELS_COMMON_ROWS_H_
#define NBITS_ENGINE_KERNELS_COMMON_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <span>

#include "engine/kernel.h"
#include "engine/kernels/common/chunks.h"
#include "tensor/kernels.h"

namespace nbits {

// `count` stored values from `first` on: the tensor's own memory, or `buffer` filled with them.
inline const float* ReadRow(const Operand& operand, int64_t first, int64_t count, float* buffer) {
  if (operand.format.element == Element::kFloat32) return operand.data + first;
  DecodeHalf(operand.halves() + first, {buffer, static_cast<size_t>(count)});
  return buffer;
}

// Where to compute values that go to `first`: the result's own memory, or `buffer`. FinishRow must
// follow.
inline float* RowTarget(const Result& result, int64_t first, float* buffer) {
  return result.format.element == Element::kFloat32 ? result.data + first : buffer;
}
inline void FinishRow(const Result& result, int64_t first, int64_t count, const float* row) {
  if (result.format.element == Element::kFloat32) return;
  EncodeHalf({row, static_cast<size_t>(count)}, result.halves() + first);
}

// A tensor as planes of equally many stored values: planar, one plane of all; blocked, one plane a
// channel block of each batch entry.
struct Planes {
  int64_t count = 1, elements = 0;
  int64_t blocks = 1;      // Plane p holds channel block p % blocks.
  int64_t last_lanes = 0;  // Channels in the last block when it is not full; 0: nothing to pad.

  static Planes Of(const Shape& shape, Layout layout) {
    if (layout == Layout::kPlanar) return {1, graph::Product(shape), 1, 0};
    const ImageExtents e = ImageExtentsOf(shape);
    return {e.batch * e.blocks(), e.pixels() * kChannelBlock, e.blocks(),
            e.channels % kChannelBlock};
  }
  bool has_padding(int64_t plane) const { return last_lanes != 0 && plane % blocks == blocks - 1; }
};

// Stored values that are worked on at once: three rows of them fit a 48 KiB first-level cache.
inline constexpr int64_t kRunElements = 4096;

// Calls run(plane, first, count) for runs of at most kRunElements values of each plane, on several
// threads; `first` counts from the plane's start and is a multiple of kRunElements.
template <typename Run>
void ForRuns(const Planes& planes, int threads, const Run& run) {
  const int64_t runs = (planes.elements + kRunElements - 1) / kRunElements;
  ForChunks(planes.count * runs, std::min(planes.elements, kRunElements), threads,
            [&](int64_t begin, int64_t end) {
              for (int64_t i = begin; i < end; ++i) {
                const int64_t first = i % runs * kRunElements;
                run(i / runs, first, std::min(kRunElements, planes.elements - first));
              }
            });
}

// Zeroes the channels from `lanes` on of `count` values that stand in blocks of channels.
inline void ZeroLanes(float* values, int64_t count, int64_t lanes) {
  for (int64_t i = 0; i < count; i += kChannelBlock) {
    std::fill(values + i + lanes, values + i + kChannelBlock, 0.0f);
  }
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_ROWS_H_

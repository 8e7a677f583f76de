// SPDX-License-Identifier: Apache-2.0
// Loops over many values, cut into parts for the threads.
#ifndef NBITS_ENGINE_KERNELS_COMMON_CHUNKS_H_
#define NBITS_ENGINE_KERNELS_COMMON_CHUNKS_H_

#include <algorithm>
#include <cstdint>

#include "engine/kernels/common/workers.h"

namespace nbits {

// Calls body(begin, end) for parts of [0, count). `work` is roughly how many values one item stands
// for: parts are made large enough (tens of thousands of values) to be worth handing out.
template <typename Body>
void ForChunks(int64_t count, int64_t work, int threads, const Body& body) {
  constexpr int64_t kValuesPerPart = 1 << 15;
  const int64_t size = std::max<int64_t>(1, kValuesPerPart / std::max<int64_t>(1, work));
  const int64_t parts = (count + size - 1) / size;
  if (parts <= 1 || threads == 1) return body(int64_t{0}, count);
  ForWorkers(parts, threads,
             [&](int64_t part, int64_t) { body(part * size, std::min(count, (part + 1) * size)); });
}

// The input as [outer, extent of `axis`, inner].
struct AxisView {
  int64_t outer = 1, extent = 1, inner = 1;
};
template <typename ShapeType>
AxisView ViewAxis(const ShapeType& shape, int axis) {
  AxisView view;
  for (int i = 0; i < static_cast<int>(shape.size()); ++i) {
    (i < axis ? view.outer : i == axis ? view.extent : view.inner) *= shape[i];
  }
  return view;
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_CHUNKS_H_

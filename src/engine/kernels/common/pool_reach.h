// SPDX-License-Identifier: Apache-2.0
// Which part of the input a pooling window covers.
#ifndef NBITS_ENGINE_KERNELS_COMMON_POOL_REACH_H_
#define NBITS_ENGINE_KERNELS_COMMON_POOL_REACH_H_

#include <algorithm>
#include <cstdint>

#include "graph/ops.h"

namespace nbits {

// The part of a window that lies on the input, and how far it reaches with the padding.
struct Reach {
  int64_t begin, end;  // Within the input; may be empty.
  int64_t padded;      // Values of input and padding under the window.
};

inline Reach ReachOf(const graph::Window& w, int axis, int64_t output, int64_t extent) {
  const int64_t start = output * w.stride[axis] - w.pad_begin[axis];
  const int64_t end = std::min(start + w.kernel[axis], extent + w.pad_end[axis]);
  return {std::max<int64_t>(0, start), std::min(end, extent), end - start};
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_POOL_REACH_H_

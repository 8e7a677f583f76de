// SPDX-License-Identifier: Apache-2.0
// Reading tensors through strides: the common core of broadcasting, slicing, tiling and permuting.
#ifndef NBITS_ENGINE_KERNELS_COMMON_STRIDED_H_
#define NBITS_ENGINE_KERNELS_COMMON_STRIDED_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/common/chunks.h"
#include "nbits/tensor.h"

namespace nbits {

// Distance in values from one index to the next, per axis, of a row-major tensor.
std::vector<int64_t> RowMajorStrides(const Shape& shape);

// Strides that read a tensor of shape `from` as if it had shape `to` (NumPy's broadcasting).
std::vector<int64_t> BroadcastStrides(const Shape& from, const Shape& to);

// Axes over which `strides.size()` inputs are walked together; the result is written in order.
struct Walk {
  Shape extents;                              // At least one axis.
  std::vector<std::vector<int64_t>> strides;  // [input][axis]

  // Joins neighbouring axes that all inputs walk as one, and drops axes of extent 1.
  static Walk Make(const Shape& extents, std::vector<std::vector<int64_t>> strides);
};

// Calls row(offsets, output_offset, length) for every row along the last axis of the walk, where
// offsets[i] is where input i begins; input i then advances by walk.strides[i].back().
template <typename Row>
void ForRows(const Walk& walk, int threads, const Row& row) {
  const size_t last = walk.extents.size() - 1;
  const int64_t length = walk.extents[last];
  int64_t rows = 1;
  for (size_t axis = 0; axis < last; ++axis) rows *= walk.extents[axis];
  ForChunks(rows, length, threads, [&](int64_t begin, int64_t end) {
    std::vector<int64_t> offsets(walk.strides.size());
    for (int64_t index = begin; index < end; ++index) {
      std::fill(offsets.begin(), offsets.end(), 0);
      int64_t rest = index;
      for (size_t axis = last; axis-- > 0;) {
        const int64_t position = rest % walk.extents[axis];
        rest /= walk.extents[axis];
        for (size_t i = 0; i < offsets.size(); ++i) offsets[i] += position * walk.strides[i][axis];
      }
      row(std::span<const int64_t>(offsets), index * length, length);
    }
  });
}

// output[i0, i1, ...] = input[sum of ik * strides[k]], the output row-major with these extents.
void CopyStrided(const float* input, const Shape& extents, std::vector<int64_t> strides,
                 float* output, int threads);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_STRIDED_H_

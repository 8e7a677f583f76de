// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/common/strided.h"

namespace nbits {

std::vector<int64_t> RowMajorStrides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::vector<int64_t> BroadcastStrides(const Shape& from, const Shape& to) {
  const std::vector<int64_t> own = RowMajorStrides(from);
  std::vector<int64_t> strides(to.size(), 0);
  const size_t shift = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1) strides[i + shift] = own[i];
  }
  return strides;
}

Walk Walk::Make(const Shape& extents, std::vector<std::vector<int64_t>> strides) {
  Walk walk;
  walk.strides.resize(strides.size());
  for (size_t axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] == 1) continue;
    bool joins = !walk.extents.empty();
    for (size_t i = 0; joins && i < strides.size(); ++i) {
      joins = walk.strides[i].back() == strides[i][axis] * extents[axis];
    }
    if (joins) {
      walk.extents.back() *= extents[axis];
    } else {
      walk.extents.push_back(extents[axis]);
    }
    for (size_t i = 0; i < strides.size(); ++i) {
      if (joins) {
        walk.strides[i].back() = strides[i][axis];
      } else {
        walk.strides[i].push_back(strides[i][axis]);
      }
    }
  }
  if (walk.extents.empty()) {
    walk.extents = {1};
    for (auto& input : walk.strides) input = {0};
  }
  return walk;
}

void CopyStrided(const float* input, const Shape& extents, std::vector<int64_t> strides,
                 float* output, int threads) {
  const Walk walk = Walk::Make(extents, {std::move(strides)});
  const int64_t step = walk.strides[0].back();
  ForRows(walk, threads,
          [&](std::span<const int64_t> offsets, int64_t output_offset, int64_t length) {
            const float* from = input + offsets[0];
            float* to = output + output_offset;
            if (step == 1) {
              std::copy(from, from + length, to);
            } else {
              for (int64_t i = 0; i < length; ++i) to[i] = from[i * step];
            }
          });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Order along an axis: the best few values, and the positions of all.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

// Positions of `count` values, `stride` apart, in order; the lower position wins a tie, and values
// that are not numbers come last.
std::vector<int64_t> SortedPositions(const float* values, int64_t count, int64_t stride,
                                     bool descending) {
  std::vector<int64_t> positions(count);
  std::iota(positions.begin(), positions.end(), 0);
  std::stable_sort(positions.begin(), positions.end(), [&](int64_t i, int64_t j) {
    const float a = values[i * stride], b = values[j * stride];
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
    return descending ? a > b : a < b;
  });
  return positions;
}

// Calls body(lane, first value) for every lane along the axis.
template <typename Body>
void ForLanes(const Call& call, const AxisView& view, const Body& body) {
  ForChunks(view.outer * view.inner, view.extent, call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t lane = begin; lane < end; ++lane) {
      const int64_t outer = lane / view.inner, inner = lane % view.inner;
      body(outer, inner, call.inputs[0].data + outer * view.extent * view.inner + inner);
    }
  });
}

}  // namespace

void RunPlain(const graph::TopK& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  ForLanes(call, view, [&](int64_t outer, int64_t inner, const float* values) {
    const auto positions = SortedPositions(values, view.extent, view.inner, op.largest);
    for (int64_t i = 0; i < op.count; ++i) {
      const int64_t offset = (outer * op.count + i) * view.inner + inner;
      call.outputs[0].data[offset] = values[positions[i] * view.inner];
      call.outputs[1].data[offset] = static_cast<float>(positions[i]);
    }
  });
}

void RunPlain(const graph::ArgSort& op, const Call& call) {
  const AxisView view = ViewAxis(call.inputs[0].shape, op.axis);
  ForLanes(call, view, [&](int64_t outer, int64_t inner, const float* values) {
    const auto positions = SortedPositions(values, view.extent, view.inner, op.descending);
    for (int64_t i = 0; i < view.extent; ++i) {
      call.outputs[0].data[(outer * view.extent + i) * view.inner + inner] =
          static_cast<float>(positions[i]);
    }
  });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "nbits/metrics.h"

namespace nbits {
namespace {

// Whether value a ranks before value b; equals are left to the order of their indices.
bool Larger(float a, float b) { return std::isnan(b) ? !std::isnan(a) : a > b; }

}  // namespace

std::vector<int> TopIndices(std::span<const float> values, int count) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  const auto kept = std::min<size_t>(static_cast<size_t>(std::max(count, 0)), values.size());
  std::partial_sort(order.begin(), order.begin() + kept, order.end(), [values](int a, int b) {
    if (Larger(values[a], values[b])) return true;
    return !Larger(values[b], values[a]) && a < b;
  });
  order.resize(kept);
  return order;
}

bool InTop(std::span<const float> values, int index, int count) {
  const std::vector<int> top = TopIndices(values, count);
  return std::find(top.begin(), top.end(), index) != top.end();
}

}  // namespace nbits

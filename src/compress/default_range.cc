// SPDX-License-Identifier: Apache-2.0
#include "compress/default_range.h"

#include <algorithm>

namespace nbits {

Range DefaultRange(const WeightRef& weight, const PlanEntry& entry, Policy policy) {
  if (policy == Policy::kCoremltools) return Range::kCoremltools;
  int64_t length = ElementCount(weight.tensor.shape).value_or(0);
  const auto axis = static_cast<size_t>(weight.tensor.channel_axis);
  const bool has_channels = entry.per_channel && entry.mode != Mode::kLinearLut;
  if (has_channels && axis < weight.tensor.shape.size()) {
    length /= std::max<int64_t>(1, weight.tensor.shape[axis]);
  }
  const bool gains_little = length > kLongChannel && entry.bits >= kFineBits;
  return gains_little ? Range::kMinMax : Range::kMeanSquaredError;
}

}  // namespace nbits

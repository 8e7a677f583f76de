// SPDX-License-Identifier: Apache-2.0
#include "tensor/compare_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/compare_values.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

#ifndef NBITS_COMPARE_VALUES_LANES
#define NBITS_COMPARE_VALUES_LANES
namespace nbits {

inline constexpr size_t kErrorLanes = 8;

struct ErrorLanes {
  double signal[kErrorLanes] = {}, squared_error[kErrorLanes] = {}, largest[kErrorLanes] = {};
  int64_t zeros_flipped = 0;

  void Add(size_t lane, float original, float stored) {
    const double value = original, difference = value - stored;
    signal[lane] += value * value;
    squared_error[lane] += difference * difference;
    largest[lane] = std::max(largest[lane], std::abs(difference));
    zeros_flipped += (original == 0) != (stored == 0);
  }

  ValueErrors Sum() const {
    ValueErrors sums{0, 0, 0, zeros_flipped};
    for (size_t lane = 0; lane < kErrorLanes; ++lane) {
      sums.signal += signal[lane];
      sums.squared_error += squared_error[lane];
      sums.max_absolute_error = std::max(sums.max_absolute_error, largest[lane]);
    }
    return sums;
  }
};

}  // namespace nbits
#endif  // NBITS_COMPARE_VALUES_LANES

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Lanes [lane, lane + Lanes(d)) of the whole groups of eight.
void AddLanes(const float* original, const float* stored, size_t whole, size_t lane,
              ErrorLanes& lanes) {
  const hn::CappedTag<double, kErrorLanes> d;
  const hn::Rebind<float, decltype(d)> df;
  auto signal = hn::Zero(d), squared_error = hn::Zero(d), largest = hn::Zero(d);
  for (size_t i = lane; i < whole; i += kErrorLanes) {
    const auto value = hn::PromoteTo(d, hn::LoadU(df, original + i));
    const auto other = hn::PromoteTo(d, hn::LoadU(df, stored + i));
    const auto difference = hn::Sub(value, other), magnitude = hn::Abs(difference);
    signal = hn::Add(signal, hn::Mul(value, value));
    squared_error = hn::Add(squared_error, hn::Mul(difference, difference));
    largest = hn::IfThenElse(hn::Gt(magnitude, largest), magnitude, largest);
    const auto flipped = hn::Xor(hn::Eq(value, hn::Zero(d)), hn::Eq(other, hn::Zero(d)));
    lanes.zeros_flipped += static_cast<int64_t>(hn::CountTrue(d, flipped));
  }
  hn::StoreU(signal, d, lanes.signal + lane);
  hn::StoreU(squared_error, d, lanes.squared_error + lane);
  hn::StoreU(largest, d, lanes.largest + lane);
}

ValueErrors CompareValues(std::span<const float> original, std::span<const float> stored) {
  const size_t whole = original.size() - original.size() % kErrorLanes;
  ErrorLanes lanes;
  const size_t step = hn::Lanes(hn::CappedTag<double, kErrorLanes>());
  for (size_t lane = 0; lane < kErrorLanes; lane += step) {
    AddLanes(original.data(), stored.data(), whole, lane, lanes);
  }
  for (size_t i = whole; i < original.size(); ++i) lanes.Add(i - whole, original[i], stored[i]);
  return lanes.Sum();
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(CompareValues);

void ValueErrors::Merge(const ValueErrors& other) {
  signal += other.signal;
  squared_error += other.squared_error;
  max_absolute_error = std::max(max_absolute_error, other.max_absolute_error);
  zeros_flipped += other.zeros_flipped;
}

double ValueErrors::SnrDb() const {
  return squared_error > 0 ? 10 * std::log10(signal / squared_error)
                           : std::numeric_limits<double>::infinity();
}

ValueErrors CompareValues(std::span<const float> original, std::span<const float> stored) {
  return HWY_DYNAMIC_DISPATCH(CompareValues)(original, stored);
}

namespace reference {

ValueErrors CompareValues(std::span<const float> original, std::span<const float> stored) {
  ErrorLanes lanes;
  for (size_t i = 0; i < original.size(); ++i) lanes.Add(i % kErrorLanes, original[i], stored[i]);
  return lanes.Sum();
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

// SPDX-License-Identifier: Apache-2.0
#include "quantize/grid_moments.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/grid_moments.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

#ifndef NBITS_GRID_MOMENTS_LANES
#define NBITS_GRID_MOMENTS_LANES
namespace nbits {

inline constexpr size_t kStepLanes = 16, kErrorLanes = 8;
// Adding and subtracting 1.5 * 2^23, or 2^52, rounds a float, or double, of small magnitude half to
// even.
inline constexpr float kStepRounder = 0x1.8p23f;
inline constexpr double kErrorRounder = 0x1.8p52;

struct StepLanes {
  float q[kStepLanes] = {}, qq[kStepLanes] = {}, m[kStepLanes] = {}, mq[kStepLanes] = {};
  float mm[kStepLanes] = {};

  void Add(size_t lane, float value, const StepGrid& grid) {
    const float position = (value - grid.offset) * grid.inverse;
    const float code = std::clamp(position, 0.0f, grid.max_code) + kStepRounder - kStepRounder;
    const float miss = position - code;
    q[lane] += code;
    qq[lane] += code * code;
    m[lane] += miss;
    mq[lane] += miss * code;
    mm[lane] += miss * miss;
  }

  StepMoments Sum() const {
    StepMoments sums;
    for (size_t lane = 0; lane < kStepLanes; ++lane) {
      sums.q += q[lane];
      sums.qq += qq[lane];
      sums.m += m[lane];
      sums.mq += mq[lane];
      sums.mm += mm[lane];
    }
    return sums;
  }
};

inline double ErrorOf(double value, const LinearGrid& grid) {
  const double distance = value - grid.code.offset;
  const double position =
      grid.code.divide ? distance / grid.code.factor : distance * grid.code.factor;
  const double clamped = std::clamp(position, 0.0, static_cast<double>(grid.code.max_code));
  const double code = clamped + kErrorRounder - kErrorRounder;
  const double miss = value - grid.stored_offset() - grid.stored_scale() * code;
  return miss * miss;
}

inline double SumOf(const double (&lanes)[kErrorLanes]) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace nbits
#endif  // NBITS_GRID_MOMENTS_LANES

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using StepTag = hn::CappedTag<float, kStepLanes>;
using ErrorTag = hn::CappedTag<double, kErrorLanes>;

// Lanes [lane, lane + Lanes(tag)) of the whole groups of sixteen; the moments other than mm are
// left out unless `kAll`.
template <bool kAll>
void AddLanes(const float* values, size_t whole, const StepGrid& grid, size_t lane,
              StepLanes& lanes) {
  const StepTag tag;
  const auto offset = hn::Set(tag, grid.offset), inverse = hn::Set(tag, grid.inverse);
  const auto last = hn::Set(tag, grid.max_code), rounder = hn::Set(tag, kStepRounder);
  auto q = hn::Zero(tag), qq = hn::Zero(tag), m = hn::Zero(tag), mq = hn::Zero(tag);
  auto mm = hn::Zero(tag);
  for (size_t i = lane; i < whole; i += kStepLanes) {
    const auto position = hn::Mul(hn::Sub(hn::LoadU(tag, values + i), offset), inverse);
    const auto clamped = hn::Min(hn::Max(position, hn::Zero(tag)), last);
    const auto code = hn::Sub(hn::Add(clamped, rounder), rounder);
    const auto miss = hn::Sub(position, code);
    mm = hn::Add(mm, hn::Mul(miss, miss));
    if constexpr (kAll) {
      q = hn::Add(q, code);
      qq = hn::Add(qq, hn::Mul(code, code));
      m = hn::Add(m, miss);
      mq = hn::Add(mq, hn::Mul(miss, code));
    }
  }
  hn::StoreU(q, tag, lanes.q + lane);
  hn::StoreU(qq, tag, lanes.qq + lane);
  hn::StoreU(m, tag, lanes.m + lane);
  hn::StoreU(mq, tag, lanes.mq + lane);
  hn::StoreU(mm, tag, lanes.mm + lane);
}

template <bool kAll>
StepMoments Measure(std::span<const float> values, const StepGrid& grid) {
  const size_t whole = values.size() - values.size() % kStepLanes;
  StepLanes lanes;
  for (size_t lane = 0; lane < kStepLanes; lane += hn::Lanes(StepTag())) {
    AddLanes<kAll>(values.data(), whole, grid, lane, lanes);
  }
  for (size_t i = whole; i < values.size(); ++i) lanes.Add(i - whole, values[i], grid);
  return lanes.Sum();
}

StepMoments MeasureSteps(std::span<const float> values, const StepGrid& grid) {
  return Measure<true>(values, grid);
}

double MeasureMisses(std::span<const float> values, const StepGrid& grid) {
  return Measure<false>(values, grid).mm;
}

template <bool kDivide>
void AddErrors(const float* values, size_t whole, const LinearGrid& grid, size_t lane,
               double* errors) {
  const ErrorTag tag;
  const hn::Rebind<float, ErrorTag> narrow;
  const auto start = hn::Set(tag, grid.code.offset), factor = hn::Set(tag, grid.code.factor);
  const auto last = hn::Set(tag, static_cast<double>(grid.code.max_code));
  const auto scale = hn::Set(tag, static_cast<double>(grid.stored_scale()));
  const auto offset = hn::Set(tag, static_cast<double>(grid.stored_offset()));
  const auto rounder = hn::Set(tag, kErrorRounder);
  auto error = hn::Zero(tag);
  for (size_t i = lane; i < whole; i += kErrorLanes) {
    const auto value = hn::PromoteTo(tag, hn::LoadU(narrow, values + i));
    const auto distance = hn::Sub(value, start);
    const auto position = kDivide ? hn::Div(distance, factor) : hn::Mul(distance, factor);
    const auto clamped = hn::Min(hn::Max(position, hn::Zero(tag)), last);
    const auto code = hn::Sub(hn::Add(clamped, rounder), rounder);
    const auto miss = hn::Sub(hn::Sub(value, offset), hn::Mul(scale, code));
    error = hn::Add(error, hn::Mul(miss, miss));
  }
  hn::StoreU(error, tag, errors + lane);
}

double SquaredError(std::span<const float> values, const LinearGrid& grid) {
  const size_t whole = values.size() - values.size() % kErrorLanes;
  double errors[kErrorLanes] = {};
  for (size_t lane = 0; lane < kErrorLanes; lane += hn::Lanes(ErrorTag())) {
    grid.code.divide ? AddErrors<true>(values.data(), whole, grid, lane, errors)
                     : AddErrors<false>(values.data(), whole, grid, lane, errors);
  }
  for (size_t i = whole; i < values.size(); ++i) errors[i - whole] += ErrorOf(values[i], grid);
  return SumOf(errors);
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(MeasureSteps);
HWY_EXPORT(MeasureMisses);
HWY_EXPORT(SquaredError);

StepMoments MeasureSteps(std::span<const float> values, const StepGrid& grid) {
  return HWY_DYNAMIC_DISPATCH(MeasureSteps)(values, grid);
}

double MeasureMisses(std::span<const float> values, const StepGrid& grid) {
  return HWY_DYNAMIC_DISPATCH(MeasureMisses)(values, grid);
}

double SquaredError(std::span<const float> values, const LinearGrid& grid) {
  return HWY_DYNAMIC_DISPATCH(SquaredError)(values, grid);
}

namespace reference {

StepMoments MeasureSteps(std::span<const float> values, const StepGrid& grid) {
  StepLanes lanes;
  for (size_t i = 0; i < values.size(); ++i) lanes.Add(i % kStepLanes, values[i], grid);
  return lanes.Sum();
}

double MeasureMisses(std::span<const float> values, const StepGrid& grid) {
  return reference::MeasureSteps(values, grid).mm;
}

double SquaredError(std::span<const float> values, const LinearGrid& grid) {
  double errors[kErrorLanes] = {};
  for (size_t i = 0; i < values.size(); ++i) errors[i % kErrorLanes] += ErrorOf(values[i], grid);
  return SumOf(errors);
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

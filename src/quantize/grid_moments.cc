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

inline constexpr size_t kMomentLanes = 8;
// Adding and subtracting 1.5 * 2^52 rounds a double of small magnitude half to even.
inline constexpr double kMomentRounder = 0x1.8p52;

struct MomentLanes {
  double q[kMomentLanes] = {}, qq[kMomentLanes] = {}, d[kMomentLanes] = {}, dq[kMomentLanes] = {};
  double error[kMomentLanes] = {};

  void Add(size_t lane, double value, const LinearGrid& grid) {
    const double distance = value - grid.code.offset;
    const double position =
        grid.code.divide ? distance / grid.code.factor : distance * grid.code.factor;
    const double clamped = std::clamp(position, 0.0, static_cast<double>(grid.code.max_code));
    const double code = clamped + kMomentRounder - kMomentRounder;
    const double difference = value - grid.stored_offset();
    const double miss = difference - grid.stored_scale() * code;
    q[lane] += code;
    qq[lane] += code * code;
    d[lane] += difference;
    dq[lane] += difference * code;
    error[lane] += miss * miss;
  }

  GridMoments Sum(size_t count) const {
    GridMoments sums;
    sums.n = static_cast<double>(count);
    for (size_t lane = 0; lane < kMomentLanes; ++lane) {
      sums.q += q[lane];
      sums.qq += qq[lane];
      sums.d += d[lane];
      sums.dq += dq[lane];
      sums.error += error[lane];
    }
    return sums;
  }
};

}  // namespace nbits
#endif  // NBITS_GRID_MOMENTS_LANES

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Lanes [lane, lane + Lanes(tag)) of the whole groups of eight.
template <bool kDivide>
void AddLanes(const float* values, size_t whole, const LinearGrid& grid, size_t lane,
              MomentLanes& lanes) {
  const hn::CappedTag<double, kMomentLanes> tag;
  const hn::Rebind<float, decltype(tag)> narrow;
  const auto start = hn::Set(tag, grid.code.offset), factor = hn::Set(tag, grid.code.factor);
  const auto last = hn::Set(tag, static_cast<double>(grid.code.max_code));
  const auto scale = hn::Set(tag, static_cast<double>(grid.stored_scale()));
  const auto offset = hn::Set(tag, static_cast<double>(grid.stored_offset()));
  const auto rounder = hn::Set(tag, kMomentRounder);
  auto q = hn::Zero(tag), qq = hn::Zero(tag), d = hn::Zero(tag), dq = hn::Zero(tag);
  auto error = hn::Zero(tag);
  for (size_t i = lane; i < whole; i += kMomentLanes) {
    const auto value = hn::PromoteTo(tag, hn::LoadU(narrow, values + i));
    const auto distance = hn::Sub(value, start);
    const auto position = kDivide ? hn::Div(distance, factor) : hn::Mul(distance, factor);
    const auto clamped = hn::Min(hn::Max(position, hn::Zero(tag)), last);
    const auto code = hn::Sub(hn::Add(clamped, rounder), rounder);
    const auto difference = hn::Sub(value, offset);
    const auto miss = hn::Sub(difference, hn::Mul(scale, code));
    q = hn::Add(q, code);
    qq = hn::Add(qq, hn::Mul(code, code));
    d = hn::Add(d, difference);
    dq = hn::Add(dq, hn::Mul(difference, code));
    error = hn::Add(error, hn::Mul(miss, miss));
  }
  hn::StoreU(q, tag, lanes.q + lane);
  hn::StoreU(qq, tag, lanes.qq + lane);
  hn::StoreU(d, tag, lanes.d + lane);
  hn::StoreU(dq, tag, lanes.dq + lane);
  hn::StoreU(error, tag, lanes.error + lane);
}

GridMoments MeasureGrid(std::span<const float> values, const LinearGrid& grid) {
  const size_t whole = values.size() - values.size() % kMomentLanes;
  const size_t step = hn::Lanes(hn::CappedTag<double, kMomentLanes>());
  MomentLanes lanes;
  for (size_t lane = 0; lane < kMomentLanes; lane += step) {
    grid.code.divide ? AddLanes<true>(values.data(), whole, grid, lane, lanes)
                     : AddLanes<false>(values.data(), whole, grid, lane, lanes);
  }
  for (size_t i = whole; i < values.size(); ++i) lanes.Add(i - whole, values[i], grid);
  return lanes.Sum(values.size());
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(MeasureGrid);

GridMoments MeasureGrid(std::span<const float> values, const LinearGrid& grid) {
  return HWY_DYNAMIC_DISPATCH(MeasureGrid)(values, grid);
}

namespace reference {

GridMoments MeasureGrid(std::span<const float> values, const LinearGrid& grid) {
  MomentLanes lanes;
  for (size_t i = 0; i < values.size(); ++i) lanes.Add(i % kMomentLanes, values[i], grid);
  return lanes.Sum(values.size());
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/grid_errors.h"

#include <algorithm>

#include "quantize/calibrate/moments/panel_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/calibrate/grid_errors.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using GridTag = hn::CappedTag<float, kStripe / 2>;

// A vector of lanes from `lane` on, columns [begin, end).
HWY_INLINE hn::Vec<GridTag> RunErrors(const float* target, const float* importance, int64_t begin,
                                      int64_t end, const Codebook& book, int64_t lane) {
  const GridTag d;
  const auto scale = hn::LoadU(d, book.scale.data() + lane);
  const auto offset = hn::LoadU(d, book.offset.data() + lane);
  const auto inverse = hn::LoadU(d, book.inverse.data() + lane);
  const auto last = hn::Set(d, static_cast<float>(book.entries() - 1));
  const auto rounder = hn::Set(d, 0x1.8p23f);  // Rounds half to even what is small beside it.
  auto sum = hn::Zero(d);
  for (int64_t k = begin; k < end; ++k) {
    const auto wanted = hn::LoadU(d, target + k * kStripe);
    const auto position = hn::Mul(hn::Sub(wanted, offset), inverse);
    const auto clamped = hn::Min(hn::Max(position, hn::Zero(d)), last);
    const auto code = hn::Sub(hn::Add(clamped, rounder), rounder);
    const auto error = hn::Sub(hn::Add(offset, hn::Mul(scale, code)), wanted);
    sum = hn::Add(sum, hn::Mul(hn::Set(d, importance[k]), hn::Mul(error, error)));
  }
  return sum;
}

void GridErrors(const float* target, const float* importance, int64_t columns, const Codebook& book,
                int64_t lane, double* errors) {
  const GridTag d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN float sums[kStripe / 2];
  std::fill_n(errors, kStripe, 0.0);
  for (int64_t i = 0; i < kStripe; i += step) {
    for (int64_t begin = 0; begin < columns; begin += kRun) {
      const int64_t end = std::min(begin + kRun, columns);
      hn::Store(RunErrors(target + i, importance, begin, end, book, lane + i), d, sums);
      for (int64_t j = 0; j < step; ++j) errors[i + j] += sums[j];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(GridErrors);

void GridErrors(const float* target, const float* importance, int64_t columns, const Codebook& book,
                int64_t lane, double* errors) {
  HWY_DYNAMIC_DISPATCH(GridErrors)(target, importance, columns, book, lane, errors);
}

namespace reference {

void GridErrors(const float* target, const float* importance, int64_t columns, const Codebook& book,
                int64_t lane, double* errors) {
  for (int64_t i = 0; i < kStripe; ++i) {
    errors[i] = 0;
    for (int64_t begin = 0; begin < columns; begin += kRun) {
      float sum = 0;
      for (int64_t k = begin; k < std::min(begin + kRun, columns); ++k) {
        const float wanted = target[k * kStripe + i];
        const float error = book.Value(lane + i, book.Nearest(lane + i, wanted)) - wanted;
        sum += importance[k] * (error * error);
      }
      errors[i] += sum;
    }
  }
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

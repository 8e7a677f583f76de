// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/array/reduce_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/common/extremes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/array/reduce_rows.cc"
#include "hwy/foreach_target.h"
// clang-format off: Highway must come after the list of targets.
#include "engine/kernels/common/extremes-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nbits {
namespace HWY_NAMESPACE {

using RowTag = hn::ScalableTag<float>;
using RowVector = hn::Vec<RowTag>;
using C = Contribution;

template <C kContribution>
HWY_INLINE RowVector Start() {
  const RowTag d;
  if (kContribution == C::kLargest) return hn::Set(d, -std::numeric_limits<float>::infinity());
  if (kContribution == C::kSmallest) return hn::Set(d, std::numeric_limits<float>::infinity());
  return hn::Zero(d);
}

template <C kContribution>
HWY_INLINE RowVector Combined(RowVector total, RowVector value) {
  switch (kContribution) {
    case C::kSum:
      return hn::Add(total, value);
    case C::kSumOfMagnitudes:
      return hn::Add(total, hn::Abs(value));
    case C::kSumOfSquares:
      return hn::MulAdd(value, value, total);
    case C::kLargest:
      return LargerOf(total, value);
    case C::kSmallest:
      return SmallerOf(total, value);
  }
}

inline constexpr int kTotals = 4;  // That do not wait for each other.

// Of as many vectors as there are, the lanes' totals, in `lanes`.
template <C kContribution>
HWY_INLINE void LaneTotals(const float* values, int64_t vectors, float* lanes) {
  const RowTag d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  RowVector totals[kTotals];
  for (RowVector& total : totals) total = Start<kContribution>();
  int64_t i = 0;
  for (; i + kTotals <= vectors; i += kTotals) {
    HWY_UNROLL(4)
    for (int k = 0; k < kTotals; ++k) {
      totals[k] = Combined<kContribution>(totals[k], hn::LoadU(d, values + (i + k) * step));
    }
  }
  for (; i < vectors; ++i) {
    totals[0] = Combined<kContribution>(totals[0], hn::LoadU(d, values + i * step));
  }
  for (int k = 0; k < kTotals; ++k) hn::StoreU(totals[k], d, lanes + k * step);
}

// A piece of a row, whose sums stay short.
template <C kContribution>
HWY_INLINE double PieceTotal(const float* values, int64_t count) {
  const int64_t step = static_cast<int64_t>(hn::Lanes(RowTag()));
  HWY_ALIGN float lanes[kTotals * HWY_MAX_BYTES / sizeof(float)];
  LaneTotals<kContribution>(values, count / step, lanes);
  // Of what contributes to a sum the lanes are sums already.
  constexpr bool kIsSum = kContribution != C::kLargest && kContribution != C::kSmallest;
  double total = reference::RowTotal(kIsSum ? C::kSum : kContribution, lanes, kTotals * step);
  const int64_t done = count / step * step;
  if (done == count) return total;
  const double rest = reference::RowTotal(kContribution, values + done, count - done);
  if (kIsSum) return total + rest;
  return kContribution == C::kLargest ? nbits::LargerOf(total, rest)
                                      : nbits::SmallerOf(total, rest);
}

template <C kContribution>
double TotalOf(const float* values, int64_t count) {
  constexpr int64_t kPiece = 4096;
  double total = PieceTotal<kContribution>(values, std::min(count, kPiece));
  for (int64_t i = kPiece; i < count; i += kPiece) {
    const double piece = PieceTotal<kContribution>(values + i, std::min(count - i, kPiece));
    if (kContribution == C::kLargest) {
      total = nbits::LargerOf(total, piece);
    } else if (kContribution == C::kSmallest) {
      total = nbits::SmallerOf(total, piece);
    } else {
      total += piece;
    }
  }
  return total;
}

double RowTotalOf(C contribution, const float* values, int64_t count) {
  switch (contribution) {
    case C::kSum:
      return TotalOf<C::kSum>(values, count);
    case C::kSumOfMagnitudes:
      return TotalOf<C::kSumOfMagnitudes>(values, count);
    case C::kSumOfSquares:
      return TotalOf<C::kSumOfSquares>(values, count);
    case C::kLargest:
      return TotalOf<C::kLargest>(values, count);
    case C::kSmallest:
      return TotalOf<C::kSmallest>(values, count);
  }
  return 0;
}

template <C kContribution>
void AddValues(const float* values, int64_t count, float* total) {
  const RowTag d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= count; i += step) {
    hn::StoreU(Combined<kContribution>(hn::LoadU(d, total + i), hn::LoadU(d, values + i)), d,
               total + i);
  }
  reference::AddToTotals(kContribution, values + i, count - i, total + i);
}

void AddRowToTotals(C contribution, const float* values, int64_t count, float* total) {
  switch (contribution) {
    case C::kSum:
      return AddValues<C::kSum>(values, count, total);
    case C::kSumOfMagnitudes:
      return AddValues<C::kSumOfMagnitudes>(values, count, total);
    case C::kSumOfSquares:
      return AddValues<C::kSumOfSquares>(values, count, total);
    case C::kLargest:
      return AddValues<C::kLargest>(values, count, total);
    case C::kSmallest:
      return AddValues<C::kSmallest>(values, count, total);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nbits
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nbits {

HWY_EXPORT(RowTotalOf);
HWY_EXPORT(AddRowToTotals);

double RowTotal(Contribution contribution, const float* values, int64_t count) {
  return HWY_DYNAMIC_DISPATCH(RowTotalOf)(contribution, values, count);
}

void AddToTotals(Contribution contribution, const float* values, int64_t count, float* total) {
  HWY_DYNAMIC_DISPATCH(AddRowToTotals)(contribution, values, count, total);
}

namespace reference {
namespace {

template <typename Value>
Value Contribute(Contribution contribution, Value total, Value value) {
  switch (contribution) {
    case Contribution::kSum:
      return total + value;
    case Contribution::kSumOfMagnitudes:
      return total + std::abs(value);
    case Contribution::kSumOfSquares:
      return total + value * value;
    case Contribution::kLargest:
      return LargerOf(total, value);
    case Contribution::kSmallest:
      return SmallerOf(total, value);
  }
  return total;
}

}  // namespace

double RowTotal(Contribution contribution, const float* values, int64_t count) {
  const bool is_extreme =
      contribution == Contribution::kLargest || contribution == Contribution::kSmallest;
  double total = is_extreme ? values[0] : 0.0;
  for (int64_t i = 0; i < count; ++i) total = Contribute(contribution, total, double{values[i]});
  return total;
}

void AddToTotals(Contribution contribution, const float* values, int64_t count, float* total) {
  for (int64_t i = 0; i < count; ++i) total[i] = Contribute(contribution, total[i], values[i]);
}

}  // namespace reference
}  // namespace nbits
#endif  // HWY_ONCE

// SPDX-License-Identifier: Apache-2.0
// How figures are compared with limits, everywhere: verdict, conditions, noise.
#ifndef NBITS_RESULTS_AT_MOST_H_
#define NBITS_RESULTS_AT_MOST_H_

#include <algorithm>
#include <cmath>
#include <limits>

namespace nbits {

inline constexpr double kInfinite = std::numeric_limits<double>::infinity();

// 1 - 0.95 is not 0.05 in binary fractions: figures this close, relative to the larger one, or to
// one where both are smaller, are equal.
inline constexpr double kSameFigure = 1e-12;

inline bool SameFigure(double a, double b) {
  if (a == b) return true;  // Infinities too.
  return std::abs(a - b) <= kSameFigure * std::max({1.0, std::abs(a), std::abs(b)}) &&
         std::isfinite(a) && std::isfinite(b);
}

inline bool AtMost(double figure, double limit) {
  return figure <= limit || SameFigure(figure, limit);
}

}  // namespace nbits

#endif  // NBITS_RESULTS_AT_MOST_H_

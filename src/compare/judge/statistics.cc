// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/statistics.h"

#include <algorithm>
#include <cmath>

namespace nbits {

double Quantile(std::vector<double> values, double fraction) {
  std::sort(values.begin(), values.end());
  const double place = fraction * static_cast<double>(values.size() - 1);
  const size_t below = static_cast<size_t>(std::floor(place));
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

double Median(const std::vector<double>& values) { return Quantile(values, 0.5); }

double InterquartileRange(const std::vector<double>& values) {
  return Quantile(values, 0.75) - Quantile(values, 0.25);
}

}  // namespace nbits

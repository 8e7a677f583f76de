// SPDX-License-Identifier: Apache-2.0
#include "quantize/kmeans/weighted_points.h"

#include <algorithm>

#include "quantize/kmeans/sort_floats.h"

namespace nbits {
namespace {

std::vector<WeightedPoint> Sorted(std::span<const float> values) {
  std::vector<WeightedPoint> points;
  for (float value : SortedFloats(values)) {
    if (points.empty() || points.back().value != value) points.push_back({value, 0});
    points.back().weight += 1;
  }
  return points;
}

}  // namespace

std::vector<WeightedPoint> DistinctPoints(std::span<const float> values,
                                          std::span<const float> importance) {
  const bool all_zero =
      std::all_of(importance.begin(), importance.end(), [](float w) { return w == 0; });
  if (importance.empty() || all_zero) return Sorted(values);
  std::vector<WeightedPoint> all;
  for (size_t i = 0; i < values.size(); ++i) {
    if (importance[i] > 0) all.push_back({values[i], importance[i]});
  }
  // By weight as well, so that the order of summation, and with it the result, is fixed.
  std::sort(all.begin(), all.end(), [](const WeightedPoint& a, const WeightedPoint& b) {
    return a.value != b.value ? a.value < b.value : a.weight < b.weight;
  });
  size_t last = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].value == all[last].value) {
      all[last].weight += all[i].weight;
    } else {
      all[++last] = all[i];
    }
  }
  all.resize(last + 1);
  return all;
}

PointSums::PointSums(std::span<const WeightedPoint> points) : sums_(points.size() + 1) {
  const auto count = static_cast<int64_t>(points.size());
  const int64_t middle = count / 2;
  if (count > 0) center_ = points[middle].value;
  const auto moments = [&](int64_t i) -> Sums {
    const double x = points[i].value - center_, w = points[i].weight;
    return {w, w * x, w * x * x};
  };
  for (int64_t i = middle; i < count; ++i) {
    const Sums m = moments(i), &s = sums_[i];
    sums_[i + 1] = {s.mass + m.mass, s.first + m.first, s.second + m.second};
  }
  for (int64_t i = middle - 1; i >= 0; --i) {
    const Sums m = moments(i), &s = sums_[i + 1];
    sums_[i] = {s.mass - m.mass, s.first - m.first, s.second - m.second};
  }
}

double PointSums::Mean(int64_t begin, int64_t end) const {
  const Sums &a = sums_[begin], &b = sums_[end];
  return center_ + (b.first - a.first) / (b.mass - a.mass);
}

}  // namespace nbits

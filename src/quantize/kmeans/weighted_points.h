// SPDX-License-Identifier: Apache-2.0
// Sorted points with weights: what one-dimensional k-means works on.
#ifndef NBITS_QUANTIZE_KMEANS_WEIGHTED_POINTS_H_
#define NBITS_QUANTIZE_KMEANS_WEIGHTED_POINTS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

// `weight` units of mass whose mean is `value`.
struct WeightedPoint {
  double value = 0;
  double weight = 0;
};

// How many table entries, up to a common factor, the optimum has in a stretch of `width` that holds
// `mass`: their density is the cube root of the values' density, so (mass / width)^(1/3) * width.
inline double Demand(double mass, double width) { return std::cbrt(mass * width * width); }

// The distinct values, ascending, with their number or their sum of importance.
std::vector<WeightedPoint> DistinctPoints(std::span<const float> values,
                                          std::span<const float> importance);

// Points ascending by value, standing for many values: one for each run of values that agree in
// sign, exponent and leading mantissa bits (`kBucketBits` together); split buckets give each
// distinct value.
class BucketedPoints {
 public:
  static constexpr int kBucketBits = 20;

  explicit BucketedPoints(std::span<const float> values);

  // Splits the buckets that contain any of `boundaries`. Reads all values once more.
  void SplitAt(std::span<const double> boundaries);
  // Splits buckets whose own Demand is above `limit`.
  void SplitCoarse(double limit);

  const std::vector<WeightedPoint>& points() const { return points_; }

 private:
  void Rebuild();
  void Split(const std::vector<uint32_t>& buckets);

  std::span<const float> values_;
  std::vector<uint64_t> counts_;      // By bucket, in order of value.
  std::vector<uint64_t> low_bits_;    // By bucket: sum of the mantissa bits below the bucket's.
  std::vector<uint8_t> is_split_;     // By bucket.
  std::vector<WeightedPoint> split_;  // Distinct values of all split buckets.
  std::vector<WeightedPoint> points_;
};

// Prefix sums that give the mass, mean and squared error of any run of points at once. They start
// at the median and go outwards, so that far outliers cost no precision in the middle.
class PointSums {
 public:
  explicit PointSums(std::span<const WeightedPoint> points);

  int64_t size() const { return static_cast<int64_t>(sums_.size()) - 1; }
  double Mass(int64_t begin, int64_t end) const { return sums_[end].mass - sums_[begin].mass; }
  double Mean(int64_t begin, int64_t end) const;
  // Sum of weight * (value - mean)^2 over points [begin, end); 0 for an empty run.
  double Cost(int64_t begin, int64_t end) const {
    const Sums &a = sums_[begin], &b = sums_[end];
    const double mass = b.mass - a.mass, first = b.first - a.first;
    if (end - begin <= 1) return 0;
    return std::max(0.0, b.second - a.second - first * first / mass);
  }

 private:
  struct Sums {
    double mass = 0, first = 0, second = 0;  // Of 1, x, x^2 with x = value - center.
  };
  double center_ = 0;
  std::vector<Sums> sums_;
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_KMEANS_WEIGHTED_POINTS_H_

// SPDX-License-Identifier: Apache-2.0
#include "quantize/kmeans/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/kmeans/penalty_program.h"
#include "quantize/kmeans/weighted_points.h"
#include "quantize/kmeans/window_program.h"

namespace nbits {
namespace {

// From this many values on, a histogram stands in for sorting them.
constexpr size_t kWorthBuckets = size_t{1} << 20;
// With fewer points than this the buckets are too coarse for what they stand for.
constexpr size_t kFewestBuckets = size_t{1} << 14;
// A bucket that would take more than 1 / kBucketsAnEntry of a cluster is split into its values.
constexpr double kBucketsAnEntry = 16;
// Groups in the first, coarse programme, and how far boundaries may be from its outcome in one
// round.
constexpr int64_t kGroups = int64_t{1} << 14;
constexpr int64_t kReach = 2;
constexpr int kMostRounds = 100;

// Makes first and last points ascend strictly, as Program wants them, keeping each window around
// its boundary.
void Untangle(std::vector<Window>& windows) {
  for (size_t c = 1; c < windows.size(); ++c) {
    windows[c].first = std::max(windows[c].first, windows[c - 1].first + 1);
  }
  for (size_t c = windows.size() - 1; c > 0; --c) {
    windows[c - 1].last = std::min(windows[c - 1].last, windows[c].last - 1);
  }
}

// Improves `boundaries`: the best ones within `reach` groups of where they are, again and again
// until none is at the rim of its window. `groups` are first points of groups of points, and the
// end.
void Improve(const PointSums& sums, const Boundaries& groups, int64_t reach,
             Boundaries& boundaries) {
  const auto last = static_cast<int64_t>(groups.size()) - 1;
  for (int round = 0; round < kMostRounds; ++round) {
    std::vector<Window> windows;
    for (int64_t boundary : boundaries) {
      const int64_t group =
          std::upper_bound(groups.begin(), groups.end(), boundary) - groups.begin() - 1;
      windows.push_back(
          {groups[std::max<int64_t>(0, group - reach)], groups[std::min(last, group + reach)]});
    }
    windows.front() = {0, 0};
    windows.back() = {sums.size(), sums.size()};
    Untangle(windows);
    Boundaries next = BestInWindows(sums, windows);
    if (next == boundaries) return;
    boundaries = std::move(next);
  }
}

// Of each gap between neighbours.
std::vector<double> Demands(std::span<const WeightedPoint> points) {
  std::vector<double> demands;
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    const double mass = (points[i].weight + points[i + 1].weight) / 2;
    demands.push_back(Demand(mass, points[i + 1].value - points[i].value));
  }
  return demands;
}

// The demand that is worth one group, when `total` is shared out and no gap may count for more than
// one group: otherwise a far outlier would leave one group for all the rest.
double DemandOfOneGroup(const std::vector<double>& demands, double groups) {
  double limit = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 100; ++round) {
    double total = 0;
    for (double demand : demands) total += std::min(demand, limit);
    if (total / groups > 0.99 * limit) break;
    limit = total / groups;
  }
  return limit;
}

// First points of about `count` groups of neighbours with equal demand, and the end of the last.
Boundaries GroupByDemand(std::span<const WeightedPoint> points, int64_t count) {
  const std::vector<double> demands = Demands(points);
  const double limit = DemandOfOneGroup(demands, static_cast<double>(count));
  Boundaries starts = {0};
  double reached = 0;
  for (size_t i = 0; i < demands.size(); ++i) {
    reached += std::min(demands[i], limit);
    if (reached < limit) continue;  // Not so after any gap that is worth a group of its own.
    reached -= limit;
    starts.push_back(static_cast<int64_t>(i) + 1);
  }
  starts.push_back(static_cast<int64_t>(points.size()));
  return starts;
}

// What the last of `clusters` clusters saves, about: where clusters have equal demand d, each has a
// squared error of d^3 / 12, and the derivative of k (D / k)^3 / 12 by k is -d^3 / 6.
double PenaltyGuess(std::span<const WeightedPoint> points, int clusters) {
  const double demand = DemandOfOneGroup(Demands(points), static_cast<double>(clusters));
  const double guess = demand * demand * demand / 6;
  return guess > 0 && std::isfinite(guess) ? guess : 1;
}

Boundaries ExactOptimum(std::span<const WeightedPoint> points, const PointSums& sums,
                        int clusters) {
  return BestForCount(sums, clusters, PenaltyGuess(points, clusters));
}

std::vector<WeightedPoint> GroupMeans(const PointSums& sums, const Boundaries& groups) {
  std::vector<WeightedPoint> means;
  for (size_t g = 0; g + 1 < groups.size(); ++g) {
    means.push_back({sums.Mean(groups[g], groups[g + 1]), sums.Mass(groups[g], groups[g + 1])});
  }
  return means;
}

// The optimum over groups of points, then improved point by point.
Boundaries GroupedOptimum(std::span<const WeightedPoint> points, const PointSums& sums,
                          int clusters) {
  const Boundaries groups = GroupByDemand(points, kGroups);
  const std::vector<WeightedPoint> means = GroupMeans(sums, groups);
  Boundaries boundaries = ExactOptimum(means, PointSums(means), clusters);
  for (int64_t& boundary : boundaries) boundary = groups[boundary];
  Improve(sums, groups, kReach, boundaries);
  return boundaries;
}

Boundaries OptimumOf(std::span<const WeightedPoint> points, const PointSums& sums, int clusters) {
  const bool exact = static_cast<int64_t>(points.size()) <= kExactPoints;
  return exact ? ExactOptimum(points, sums, clusters) : GroupedOptimum(points, sums, clusters);
}

std::vector<double> Means(const PointSums& sums, const Boundaries& boundaries) {
  std::vector<double> means;
  for (size_t c = 0; c + 1 < boundaries.size(); ++c) {
    means.push_back(sums.Mean(boundaries[c], boundaries[c + 1]));
  }
  return means;
}

// The middles between neighbouring entries.
std::vector<double> Middles(const std::vector<double>& means) {
  std::vector<double> middles;
  for (size_t c = 0; c + 1 < means.size(); ++c) middles.push_back((means[c] + means[c + 1]) / 2);
  return middles;
}

// The points where the nearest entry changes. Clusters keep at least one point.
Boundaries Reassign(std::span<const WeightedPoint> points, const std::vector<double>& middles) {
  const auto clusters = static_cast<int64_t>(middles.size()) + 1;
  const auto count = static_cast<int64_t>(points.size());
  Boundaries boundaries = {0};
  for (int64_t c = 1; c < clusters; ++c) {
    const auto after = std::upper_bound(
        points.begin(), points.end(), middles[c - 1],
        [](double middle, const WeightedPoint& point) { return middle < point.value; });
    boundaries.push_back(
        std::clamp<int64_t>(after - points.begin(), boundaries.back() + 1, count - clusters + c));
  }
  boundaries.push_back(count);
  return boundaries;
}

// Lloyd's iteration: entries to the means, boundaries to the middles, until nothing moves.
void Polish(std::span<const WeightedPoint> points, const PointSums& sums, Boundaries& boundaries) {
  for (int round = 0; round < kMostRounds; ++round) {
    Boundaries next = Reassign(points, Middles(Means(sums, boundaries)));
    if (next == boundaries) return;
    boundaries = std::move(next);
  }
}

std::vector<float> Rounded(const std::vector<double>& means) {
  return std::vector<float>(means.begin(), means.end());
}

std::vector<float> TableOfPoints(std::span<const WeightedPoint> points, int clusters) {
  clusters = static_cast<int>(std::min<size_t>(clusters, points.size()));
  const PointSums sums(points);
  return Rounded(Means(sums, OptimumOf(points, sums, clusters)));
}

// Buckets are fine enough to say where about the entries go, except next to a boundary: those
// buckets are split into their values, and the boundaries settle among them.
std::vector<float> TableOfBuckets(BucketedPoints& buckets, int clusters) {
  std::vector<double> means;
  {
    const PointSums sums(buckets.points());
    means = Means(sums, OptimumOf(buckets.points(), sums, clusters));
  }
  const std::vector<double> middles = Middles(means);
  buckets.SplitAt(middles);
  const PointSums sums(buckets.points());
  Boundaries boundaries = Reassign(buckets.points(), middles);
  Polish(buckets.points(), sums, boundaries);
  return Rounded(Means(sums, boundaries));
}

}  // namespace

std::vector<float> KMeansTable(std::span<const float> values, std::span<const float> importance,
                               int clusters) {
  if (values.size() >= kWorthBuckets && importance.empty()) {
    BucketedPoints buckets(values);
    buckets.SplitCoarse(DemandOfOneGroup(Demands(buckets.points()), kBucketsAnEntry * clusters));
    if (buckets.points().size() >= kFewestBuckets) return TableOfBuckets(buckets, clusters);
  }
  return TableOfPoints(DistinctPoints(values, importance), clusters);
}

std::vector<float> ExactKMeansTable(std::span<const float> values, int clusters) {
  const std::vector<WeightedPoint> points = DistinctPoints(values, {});
  clusters = static_cast<int>(std::min<size_t>(clusters, points.size()));
  const PointSums sums(points);
  return Rounded(Means(sums, ExactOptimum(points, sums, clusters)));
}

}  // namespace nbits

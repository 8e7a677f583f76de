#include "quantize/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/weighted_points.h"

namespace nbits {
namespace {

// From this many values on, a histogram stands in for sorting them.
constexpr size_t kWorthBuckets = size_t{1} << 20;
// With fewer points than this the buckets are too coarse for what they stand for.
constexpr size_t kFewestBuckets = 4 * kExactPoints;
// A bucket that would take more than 1 / kBucketsAnEntry of a cluster is split into its values.
constexpr double kBucketsAnEntry = 16;
// Groups in the first, coarse programme, and how far boundaries may be from its outcome in one
// round.
constexpr int64_t kGroups = 4096;
constexpr int64_t kReach = 6;
constexpr int kMostRounds = 100;

// boundaries[c] is the first point of cluster c; boundaries.back() is the number of points.
using Boundaries = std::vector<int64_t>;

// Where a boundary is looked for: [first, last].
struct Window {
  int64_t first, last;
};

// The best boundaries with each inside its window. Let cost_c(i) be the least cost of the points
// [0, i) in c clusters: cost_c(i) = min over s of cost_{c-1}(s) + Cost(s, i). The best s never
// moves left as i grows, so halving the range of i halves the range of s as well.
class Program {
 public:
  // windows[c] belongs to boundary c; the first is [0, 0], the last [n, n]; first and last points
  // of the windows ascend strictly.
  Program(const PointSums& sums, std::span<const Window> windows)
      : sums_(sums), windows_(windows), starts_(windows.size()), current_(1, 0.0) {
    for (size_t c = 1; c < windows.size(); ++c) {
      const int64_t size = windows[c].last - windows[c].first + 1;
      previous_.swap(current_);
      current_.assign(size, 0.0);
      starts_[c].resize(size);
      Solve(c, windows[c], windows[c - 1]);
    }
  }

  Boundaries Trace() const {
    Boundaries boundaries(windows_.size(), 0);
    boundaries.back() = sums_.size();
    for (size_t c = windows_.size() - 1; c > 1; --c) {
      boundaries[c - 1] = starts_[c][boundaries[c] - windows_[c].first];
    }
    return boundaries;
  }

 private:
  // Boundary c in `ends`, knowing that the boundary before it is in `range`.
  void Solve(size_t c, Window ends, Window range) {
    if (ends.first > ends.last) return;
    const int64_t i = ends.first + (ends.last - ends.first) / 2;
    const int64_t base = windows_[c - 1].first;
    double best = std::numeric_limits<double>::infinity();
    int64_t start = range.first;
    for (int64_t s = range.first; s <= std::min(range.last, i - 1); ++s) {
      const double cost = previous_[s - base] + sums_.Cost(s, i);
      if (cost < best) best = cost, start = s;
    }
    current_[i - windows_[c].first] = best;
    starts_[c][i - windows_[c].first] = static_cast<int32_t>(start);
    Solve(c, {ends.first, i - 1}, {range.first, start});
    Solve(c, {i + 1, ends.last}, {start, range.last});
  }

  const PointSums& sums_;
  std::span<const Window> windows_;
  std::vector<std::vector<int32_t>> starts_;
  std::vector<double> previous_, current_;
};

Boundaries Optimum(const PointSums& sums, int clusters) {
  std::vector<Window> windows = {{0, 0}};
  for (int c = 1; c < clusters; ++c) windows.push_back({c, sums.size() - clusters + c});
  windows.push_back({sums.size(), sums.size()});
  return Program(sums, windows).Trace();
}

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
    Boundaries next = Program(sums, windows).Trace();
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
    if (reached >= limit * static_cast<double>(starts.size())) {
      starts.push_back(static_cast<int64_t>(i) + 1);
    }
  }
  starts.push_back(static_cast<int64_t>(points.size()));
  return starts;
}

// The optimum over groups of points, then improved point by point.
Boundaries GroupedOptimum(std::span<const WeightedPoint> points, const PointSums& sums,
                          int clusters) {
  const Boundaries groups = GroupByDemand(points, kGroups);
  std::vector<WeightedPoint> means;
  for (size_t g = 0; g + 1 < groups.size(); ++g) {
    means.push_back({sums.Mean(groups[g], groups[g + 1]), sums.Mass(groups[g], groups[g + 1])});
  }
  Boundaries boundaries = Optimum(PointSums(means), clusters);
  for (int64_t& boundary : boundaries) boundary = groups[boundary];
  Improve(sums, groups, kReach, boundaries);
  return boundaries;
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
  const auto count = static_cast<int64_t>(points.size());
  clusters = static_cast<int>(std::min<int64_t>(clusters, count));
  const PointSums sums(points);
  const bool exact = count <= kExactPoints;
  return Rounded(
      Means(sums, exact ? Optimum(sums, clusters) : GroupedOptimum(points, sums, clusters)));
}

// Buckets are fine enough to say where about the entries go, except next to a boundary: those
// buckets are split into their values, and the boundaries settle among them.
std::vector<float> TableOfBuckets(BucketedPoints& buckets, int clusters) {
  std::vector<double> means;
  {
    const PointSums sums(buckets.points());
    means = Means(sums, GroupedOptimum(buckets.points(), sums, clusters));
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
  return Rounded(Means(sums, Optimum(sums, clusters)));
}

}  // namespace nbits

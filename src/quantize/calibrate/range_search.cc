// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/range_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "quantize/calibrate/grid_errors.h"

namespace nbits {
namespace {

// Fractions of the way from the mean to an end that are tried: from 1 down to the last. A fine grid
// is hardly ever shrunk.
struct Shrinking {
  int steps = 12;
  double last = 0.25;

  double At(int i) const { return 1 - (1 - last) * i / (steps - 1); }
};
constexpr Shrinking kCoarse, kFine = {6, 0.8};
constexpr int kFineBits = 6;
constexpr int kMostRefits = 4;

// Of a grid's weights.
struct WeightRange {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  double sum = 0, importance = 0;

  double middle() const { return importance > 0 ? sum / importance : (low + high) / 2; }
};

// Sums over a lane's weights w with codes q, by importance.
struct CodeSums {
  double importance = 0, q = 0, qq = 0, w = 0, qw = 0;

  void Add(double h, double code, double weight) {
    importance += h;
    q += h * code;
    qq += h * code * code;
    w += h * weight;
    qw += h * code * weight;
  }
  void Merge(const CodeSums& other, double factor) {
    importance += factor * other.importance;
    q += factor * other.q;
    qq += factor * other.qq;
    w += factor * other.w;
    qw += factor * other.qw;
  }
};

struct ScaleAndOffset {
  double scale = 0, offset = 0;
};

ScaleAndOffset LeastSquares(const CodeSums& sums, const GridForm& form,
                            const ScaleAndOffset& before) {
  if (form.symmetric) {
    const double c = form.center;
    const double square = sums.qq - 2 * c * sums.q + c * c * sums.importance;
    const double scale = square > 0 ? (sums.qw - c * sums.w) / square : before.scale;
    return {scale, -c * scale};
  }
  const double variance = sums.qq * sums.importance - sums.q * sums.q;
  if (!(variance > 0)) return before;
  const double scale = (sums.qw * sums.importance - sums.q * sums.w) / variance;
  return {scale, (sums.w - scale * sums.q) / sums.importance};
}

class RangeSearch {
 public:
  RangeSearch(const LayerProblem& problem, const GridMap& map, const GridForm& form)
      : problem_(problem),
        map_(map),
        form_(form),
        book_(EmptyGrids(form.bits, problem.stripes.lanes())),
        best_(book_),
        best_errors_(map.grids, std::numeric_limits<double>::infinity()),
        ranges_(map.grids) {
    for (const GroupProblem& group : problem.groups) {
      importance_.push_back(Importance(problem, group));
    }
  }

  Codebook Run() {
    FindRanges();
    form_.symmetric ? TrySymmetric() : TryRanges();
    for (int i = 0; i < kMostRefits && Refit(); ++i) {
    }
    return std::move(best_);
  }

 private:
  template <typename Visit>
  void ForEachStripe(const Visit& visit) const {
    ForEachTask(problem_.stripes, [&](const StripeTask& task) {
      for (int64_t s = task.begin; s < task.end; ++s) visit(task.group, s);
    });
  }

  void FindRanges() {
    const int64_t columns = problem_.stripes.columns;
    std::vector<WeightRange> by_lane(problem_.stripes.lanes());
    ForEachStripe([&](int64_t group, int64_t stripe) {
      const float* target = problem_.target.Stripe(group, stripe);
      WeightRange* ranges = &by_lane[problem_.stripes.LaneOf(group, stripe * kStripe)];
      for (int64_t i = 0; i < columns * kStripe; ++i) {
        WeightRange& range = ranges[i % kStripe];
        const double importance = importance_[group][i / kStripe];
        range.low = std::min<double>(range.low, target[i]);
        range.high = std::max<double>(range.high, target[i]);
        range.sum += importance * target[i];
        range.importance += importance;
      }
    });
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      WeightRange& all = ranges_[grid];
      const double weight = problem_.GroupOf(lane).weight;
      all.low = std::min(all.low, by_lane[lane].low);
      all.high = std::max(all.high, by_lane[lane].high);
      all.sum += weight * by_lane[lane].sum;
      all.importance += weight * by_lane[lane].importance;
    });
  }

  void TryRanges() {
    const Shrinking& shrinking = form_.bits < kFineBits ? kCoarse : kFine;
    for (int i = 0; i < shrinking.steps; ++i) {
      for (int j = 0; j < shrinking.steps; ++j) TryShrunk(shrinking.At(i), shrinking.At(j));
    }
  }

  void TryShrunk(double low_part, double high_part) {
    Try([&](int64_t grid) {
      const WeightRange& range = ranges_[grid];
      const double middle = range.middle();
      const double low = middle + low_part * (range.low - middle);
      const double high = middle + high_part * (range.high - middle);
      return ScaleAndOffset{(high - low) / form_.last(), low};
    });
  }

  void TrySymmetric() {
    constexpr Shrinking kFineEnough = {24, 0.25};
    const double levels = form_.bits == 1 ? 0.5 : form_.last() - form_.center;
    for (int i = 0; i < kFineEnough.steps; ++i) {
      Try([&](int64_t grid) {
        const double largest = std::max(-ranges_[grid].low, ranges_[grid].high);
        const double scale = kFineEnough.At(i) * largest / levels;
        return ScaleAndOffset{scale, -form_.center * scale};
      });
    }
  }

  // Gives each grid a scale and offset and keeps what is better than the best so far; whether
  // anything is.
  template <typename GridOf>
  bool Try(const GridOf& grid_of) {
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      const ScaleAndOffset chosen = grid_of(grid);
      SetGrid(book_, lane, static_cast<float>(chosen.scale), static_cast<float>(chosen.offset));
    });
    std::vector<double> by_lane(problem_.stripes.lanes());
    ForEachStripe([&](int64_t group, int64_t stripe) {
      const int64_t lane = problem_.stripes.LaneOf(group, stripe * kStripe);
      GridErrors(problem_.target.Stripe(group, stripe), importance_[group].data(),
                 problem_.stripes.columns, book_, lane, &by_lane[lane]);
      for (int64_t i = 0; i < kStripe; ++i) by_lane[lane + i] *= problem_.groups[group].weight;
    });
    return KeepBetter(map_.Sums(by_lane));
  }

  bool KeepBetter(const std::vector<double>& errors) {
    bool any = false;
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      if (!(errors[grid] < best_errors_[grid])) return;
      SetGrid(best_, lane, book_.scale[lane], book_.offset[lane]);
      any = true;
    });
    for (int64_t grid = 0; grid < map_.grids; ++grid) {
      best_errors_[grid] = std::min(best_errors_[grid], errors[grid]);
    }
    return any;
  }

  bool Refit() {
    std::vector<CodeSums> by_lane(problem_.stripes.lanes());
    ForEachStripe([&](int64_t group, int64_t stripe) { Measure(group, stripe, by_lane); });
    std::vector<CodeSums> sums(map_.grids);
    std::vector<ScaleAndOffset> grids(map_.grids);
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      sums[grid].Merge(by_lane[lane], problem_.GroupOf(lane).weight);
      grids[grid] = {best_.scale[lane], best_.offset[lane]};
    });
    return Try([&](int64_t grid) { return LeastSquares(sums[grid], form_, grids[grid]); });
  }

  void Measure(int64_t group, int64_t stripe, std::vector<CodeSums>& by_lane) const {
    const float* target = problem_.target.Stripe(group, stripe);
    const int64_t lane = problem_.stripes.LaneOf(group, stripe * kStripe);
    for (int64_t i = 0; i < problem_.stripes.columns * kStripe; ++i) {
      const int64_t at = lane + i % kStripe;
      by_lane[at].Add(importance_[group][i / kStripe], best_.Nearest(at, target[i]), target[i]);
    }
  }

  const LayerProblem& problem_;
  const GridMap& map_;
  GridForm form_;
  std::vector<std::vector<float>> importance_;  // By group and column.
  Codebook book_, best_;                        // Being tried; the best so far.
  std::vector<double> best_errors_;             // By grid.
  std::vector<WeightRange> ranges_;             // By grid.
};

}  // namespace

Codebook SearchRanges(const LayerProblem& problem, const GridMap& map, const GridForm& form) {
  return RangeSearch(problem, map, form).Run();
}

std::vector<float> Importance(const LayerProblem& problem, const GroupProblem& group) {
  std::vector<float> importance(problem.stripes.columns);
  for (int64_t k = 0; k < problem.stripes.columns; ++k) {
    importance[k] =
        group.covariance.actual.Row(k)[k] + static_cast<float>(problem.options.descent_damping);
  }
  return importance;
}

}  // namespace nbits

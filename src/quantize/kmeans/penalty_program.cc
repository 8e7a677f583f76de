// SPDX-License-Identifier: Apache-2.0
#include "quantize/kmeans/penalty_program.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace nbits {
namespace {

// Let best(i) be the least cost of the points [0, i): best(i) = penalty + min over s of
// best(s) + Cost(s, i). Of two starts s < t, t is the better one from some end on and stays so (the
// squared error satisfies the quadrangle inequality), so the starts that are still of use stand in
// a queue, each with the end from which on it is the best. Wilber 1988; Galil and Park 1990.
class PenaltyProgram {
 public:
  PenaltyProgram(const PointSums& sums, double penalty)
      : sums_(sums), count_(sums.size()), best_(count_ + 1), starts_(count_ + 1) {
    queue_.reserve(count_ + 1);
    queue_.push_back({0, 1});
    for (int64_t end = 1; end <= count_; ++end) {
      while (head_ + 1 < queue_.size() && queue_[head_ + 1].from <= end) ++head_;
      const int64_t start = queue_[head_].start;
      starts_[end] = static_cast<int32_t>(start);
      best_[end] = CostOf(start, end) + penalty;
      if (end < count_) Add(end);
    }
  }

  Boundaries Trace() const {
    Boundaries boundaries;
    for (int64_t end = count_; end > 0; end = starts_[end]) boundaries.push_back(end);
    boundaries.push_back(0);
    std::reverse(boundaries.begin(), boundaries.end());
    return boundaries;
  }

 private:
  struct Candidate {
    int64_t start, from;  // The best start for ends from `from` to the next candidate's.
  };

  double CostOf(int64_t start, int64_t end) const { return best_[start] + sums_.Cost(start, end); }

  bool Beats(int64_t later, int64_t earlier, int64_t end) const {
    return CostOf(later, end) < CostOf(earlier, end);
  }

  void Add(int64_t start) {
    while (queue_.size() > head_ + 1 && Beats(start, queue_.back().start, queue_.back().from)) {
      queue_.pop_back();
    }
    const int64_t from = FirstBeaten(start, queue_.back());
    if (from <= count_) queue_.push_back({start, from});
    hint_ = std::min(from + 1, count_);
  }

  // The first end at which `start` beats the queue's last candidate, count_ + 1 if there is none.
  // It is mostly next to the one found before: steps of doubling size lead away from there.
  int64_t FirstBeaten(int64_t start, const Candidate& last) const {
    int64_t low = std::max(last.from, start), high = count_ + 1;  // Not beaten; beaten.
    const int64_t probe = std::clamp(hint_, low + 1, count_);
    const bool down = Beats(start, last.start, probe);
    (down ? high : low) = probe;
    for (int64_t step = 1; high - low > step; step *= 2) {
      const int64_t end = down ? high - step : low + step;
      const bool beats = Beats(start, last.start, end);
      (beats ? high : low) = end;
      if (beats != down) break;
    }
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (Beats(start, last.start, middle) ? high : low) = middle;
    }
    return high;
  }

  const PointSums& sums_;
  const int64_t count_;
  std::vector<double> best_;
  std::vector<int32_t> starts_;
  std::vector<Candidate> queue_;
  size_t head_ = 0;
  int64_t hint_ = 1;
};

// More passes than this only happen where many counts cost the same (equally spaced points).
constexpr int kMostPasses = 24;

// So many clusters too many are close enough: what is left to do grows with them, and takes about
// one pass each.
int64_t Slack(int clusters) { return 1 + clusters / 128; }

// Boundary c of the optimum stands between boundary c and boundary c + surplus of the optimum for
// `surplus` clusters more: were one outside, the two clusterings could swap their tails, and the
// quadrangle inequality would make one of them cheaper.
Boundaries WithFewer(const PointSums& sums, const Boundaries& more, int clusters) {
  const size_t surplus = more.size() - 1 - clusters;
  std::vector<Window> windows;
  for (int c = 0; c <= clusters; ++c) windows.push_back({more[c], more[c + surplus]});
  windows.front() = {0, 0};
  windows.back() = {sums.size(), sums.size()};
  return BestInWindows(sums, windows);
}

Boundaries EveryPoint(int64_t count) {
  Boundaries boundaries(count + 1);
  std::iota(boundaries.begin(), boundaries.end(), int64_t{0});
  return boundaries;
}

// The penalty to try after `penalty` gave `count` clusters: the least error of k clusters is about
// proportional to k^-2, its derivative to k^-3. Between `low` and `high`, if they are that good.
double NextPenalty(double penalty, double count, double target, double low, double high) {
  const double next = penalty * std::pow(count / target, 3);
  if (next > low && next < high) return next;
  return low > 0 ? std::sqrt(low) * std::sqrt(high) : high / 8;
}

}  // namespace

Boundaries BestForPenalty(const PointSums& sums, double penalty) {
  return PenaltyProgram(sums, penalty).Trace();
}

Boundaries BestForCount(const PointSums& sums, int clusters, double penalty) {
  const int64_t slack = Slack(clusters);
  const double target = static_cast<double>(clusters) + static_cast<double>(slack) / 2;
  Boundaries more = EveryPoint(sums.size());
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (int pass = 0; pass < kMostPasses && penalty > low && penalty < high; ++pass) {
    Boundaries found = BestForPenalty(sums, penalty);
    const auto count = static_cast<int64_t>(found.size()) - 1;
    if (count == clusters) return found;
    (count > clusters ? low : high) = penalty;
    if (count > clusters) more = std::move(found);
    if (count > clusters && count <= clusters + slack) break;
    penalty = NextPenalty(penalty, static_cast<double>(count), target, low, high);
  }
  return WithFewer(sums, more, clusters);
}

}  // namespace nbits

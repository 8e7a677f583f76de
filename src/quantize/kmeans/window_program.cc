// SPDX-License-Identifier: Apache-2.0
#include "quantize/kmeans/window_program.h"

#include <algorithm>
#include <limits>

namespace nbits {
namespace {

// Let cost_c(i) be the least cost of the points [0, i) in c clusters:
// cost_c(i) = min over s of cost_{c-1}(s) + Cost(s, i). The best s never moves left as i grows, so
// halving the range of i halves the range of s as well.
class Program {
 public:
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

}  // namespace

Boundaries BestInWindows(const PointSums& sums, std::span<const Window> windows) {
  return Program(sums, windows).Trace();
}

Boundaries BestOfAll(const PointSums& sums, int clusters) {
  std::vector<Window> windows = {{0, 0}};
  for (int c = 1; c < clusters; ++c) windows.push_back({c, sums.size() - clusters + c});
  windows.push_back({sums.size(), sums.size()});
  return BestInWindows(sums, windows);
}

}  // namespace nbits

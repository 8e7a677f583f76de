// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>

#include "nbits/metrics.h"

namespace nbits {
namespace {

double Overlap(double centre, double length, double other_centre, double other_length) {
  const double end = std::min(centre + length / 2, other_centre + other_length / 2);
  const double begin = std::max(centre - length / 2, other_centre - other_length / 2);
  return std::max(0.0, end - begin);
}

double Iou(const Detection& a, const Detection& b) {
  const double both = Overlap(a.x, a.width, b.x, b.width) * Overlap(a.y, a.height, b.y, b.height);
  return both > 0 ? both / (a.width * a.height + b.width * b.height - both) : 0;
}

// The box expected that `box` is, among those not taken; -1 when it is none.
int MatchOf(const Detection& box, const std::vector<Detection>& expected,
            const std::vector<bool>& taken) {
  int best = -1;
  double best_iou = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (taken[i] || expected[i].class_id != box.class_id) continue;
    const double iou = Iou(box, expected[i]);
    if (iou < DetectionMatches::kMatchingIou || iou <= best_iou) continue;
    best = static_cast<int>(i);
    best_iou = iou;
  }
  return best;
}

// The area under precision by recall, each precision the best from there on. `right` is in order of
// falling confidence.
double AveragePrecision(const std::vector<bool>& right, int64_t expected) {
  std::vector<double> precision;
  int64_t hits = 0, all = 0;
  for (const bool hit : right) {
    ++all;
    hits += hit ? 1 : 0;
    precision.push_back(static_cast<double>(hits) / static_cast<double>(all));
  }
  double best = 0, area = 0;
  for (size_t i = right.size(); i-- > 0;) {
    best = std::max(best, precision[i]);
    if (right[i]) area += best;
  }
  return area / static_cast<double>(expected);
}

std::optional<double> Share(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

int64_t Right(const DetectionMatches& matches) {
  return std::count_if(matches.found.begin(), matches.found.end(),
                       [](const DetectionMatches::Found& box) { return box.right; });
}

int64_t Expected(const DetectionMatches& matches) {
  return std::accumulate(matches.expected.begin(), matches.expected.end(), int64_t{0},
                         [](int64_t sum, const auto& boxes) { return sum + boxes.second; });
}

}  // namespace

void DetectionMatches::Add(const std::vector<Detection>& expected_boxes,
                           const std::vector<Detection>& found_boxes) {
  std::vector<Detection> ranked = found_boxes;
  std::stable_sort(ranked.begin(), ranked.end(), [](const Detection& a, const Detection& b) {
    return a.confidence > b.confidence;
  });
  std::vector<bool> taken(expected_boxes.size());
  for (const Detection& box : ranked) {
    const int match = MatchOf(box, expected_boxes, taken);
    if (match >= 0) taken[static_cast<size_t>(match)] = true;
    found.push_back({box.class_id, box.confidence, match >= 0});
  }
  for (const Detection& box : expected_boxes) ++expected[box.class_id];
}

void DetectionMatches::Merge(const DetectionMatches& other) {
  found.insert(found.end(), other.found.begin(), other.found.end());
  for (const auto& [class_id, boxes] : other.expected) expected[class_id] += boxes;
}

std::optional<double> DetectionMatches::MeanAveragePrecision() const {
  if (expected.empty()) return std::nullopt;
  std::vector<Found> ranked = found;
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Found& a, const Found& b) { return a.confidence > b.confidence; });
  std::map<int, std::vector<bool>> right;  // By class.
  for (const Found& box : ranked) right[box.class_id].push_back(box.right);
  double sum = 0;
  for (const auto& [class_id, boxes] : expected) sum += AveragePrecision(right[class_id], boxes);
  return sum / static_cast<double>(expected.size());
}

std::optional<double> DetectionMatches::Precision() const {
  return Share(Right(*this), static_cast<int64_t>(found.size()));
}

std::optional<double> DetectionMatches::Recall() const {
  return Share(Right(*this), Expected(*this));
}

double DetectionMatches::F1() const {
  const int64_t all = static_cast<int64_t>(found.size()) + Expected(*this);
  return all == 0 ? 1 : 2.0 * static_cast<double>(Right(*this)) / static_cast<double>(all);
}

}  // namespace nbits

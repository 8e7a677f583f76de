// SPDX-License-Identifier: Apache-2.0
#include "pipeline/suppression.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

// Every box is compared with those kept before: so many take about a second.
constexpr size_t kMostCandidates = 40000;

struct Candidate {
  int64_t index;
  int64_t best_class;
  float confidence;
};

// Length of the intersection along an axis (0: x, 1: y).
double Overlap(const float* a, const float* b, int axis) {
  const double end = std::min(a[axis] + a[axis + 2] / 2.0, b[axis] + b[axis + 2] / 2.0);
  const double begin = std::max(a[axis] - a[axis + 2] / 2.0, b[axis] - b[axis + 2] / 2.0);
  return std::max(0.0, end - begin);
}

// NaN is never the best, and never above a threshold.
Candidate CandidateOf(int64_t index, const float* row, int64_t classes) {
  Candidate candidate{index, 0, row[0]};
  for (int64_t c = 1; c < classes; ++c) {
    if (row[c] > candidate.confidence || std::isnan(candidate.confidence)) {
      candidate.best_class = c;
      candidate.confidence = row[c];
    }
  }
  return candidate;
}

std::vector<Candidate> Candidates(const SuppressionRule& rule, std::span<const float> confidences,
                                  int64_t classes) {
  std::vector<Candidate> candidates;
  const int64_t count = static_cast<int64_t>(confidences.size()) / classes;
  for (int64_t i = 0; i < count; ++i) {
    const Candidate candidate = CandidateOf(i, confidences.data() + i * classes, classes);
    if (candidate.confidence >= rule.confidence_threshold) candidates.push_back(candidate);
  }
  std::stable_sort(
      candidates.begin(), candidates.end(),
      [](const Candidate& a, const Candidate& b) { return a.confidence > b.confidence; });
  return candidates;
}

}  // namespace

double IntersectionOverUnion(const float* a, const float* b) {
  const double intersection = Overlap(a, b, 0) * Overlap(a, b, 1);
  if (!(intersection > 0)) return 0;
  const double both = static_cast<double>(a[2]) * a[3] + static_cast<double>(b[2]) * b[3];
  return intersection / (both - intersection);
}

absl::StatusOr<std::vector<int64_t>> Suppress(const SuppressionRule& rule,
                                              std::span<const float> boxes,
                                              std::span<const float> confidences, int64_t classes,
                                              int64_t most) {
  const std::vector<Candidate> candidates = Candidates(rule, confidences, classes);
  if (candidates.size() > kMostCandidates && rule.iou_threshold < 1) {
    return absl::ResourceExhaustedError(
        absl::StrCat(candidates.size(), " boxes are above the confidence threshold of ",
                     rule.confidence_threshold, "; at most ", kMostCandidates, " are compared"));
  }
  std::vector<Candidate> kept;
  std::vector<int64_t> indices;
  for (const Candidate& candidate : candidates) {
    if (static_cast<int64_t>(kept.size()) >= most) break;
    const float* box = boxes.data() + 4 * candidate.index;
    // At 1, where nothing can overlap by more, all are kept.
    const bool suppressed =
        rule.iou_threshold < 1 &&
        std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
          if (rule.per_class && better.best_class != candidate.best_class) return false;
          return IntersectionOverUnion(boxes.data() + 4 * better.index, box) > rule.iou_threshold;
        });
    if (suppressed) continue;
    kept.push_back(candidate);
    indices.push_back(candidate.index);
  }
  return indices;
}

}  // namespace nbits

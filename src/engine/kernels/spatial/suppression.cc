// SPDX-License-Identifier: Apache-2.0
// Non-maximum suppression: the best boxes that do not overlap too much.
#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using graph::NonMaximumSuppression;

// One picture of the batch.
struct Candidates {
  const float* boxes;         // [count][4]: centre x, centre y, width, height.
  std::vector<float> scores;  // The best of each box.
  std::vector<int64_t> class_of;
};

Candidates MakeCandidates(const float* boxes, const float* scores, int64_t count, int64_t classes) {
  Candidates candidates{boxes, {}, {}};
  for (int64_t i = 0; i < count; ++i) {
    const float* row = scores + i * classes;
    const float* best = std::max_element(row, row + classes);
    candidates.scores.push_back(*best);
    candidates.class_of.push_back(best - row);
  }
  return candidates;
}

// Length of the intersection along an axis (0: x, 1: y).
float Overlap(const float* a, const float* b, int axis) {
  const float end = std::min(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2);
  const float begin = std::max(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2);
  return std::max(0.0f, end - begin);
}

float IntersectionOverUnion(const float* a, const float* b) {
  const float intersection = Overlap(a, b, 0) * Overlap(a, b, 1);
  const float both = a[2] * a[3] + b[2] * b[3] - intersection;
  return both > 0 ? intersection / both : 0.0f;
}

// Indices of the boxes, best first; of equals the first.
std::vector<int64_t> Ranked(const Candidates& candidates) {
  std::vector<int64_t> order(candidates.scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return candidates.scores[a] > candidates.scores[b];
  });
  return order;
}

std::vector<int64_t> Survivors(const NonMaximumSuppression& op, const Candidates& candidates) {
  const std::vector<int64_t> order = Ranked(candidates);
  std::vector<int64_t> kept;
  for (int64_t index : order) {
    if (static_cast<int64_t>(kept.size()) == op.max_boxes) break;
    if (!(candidates.scores[index] >= op.score_threshold)) continue;
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](int64_t better) {
      if (op.per_class && candidates.class_of[better] != candidates.class_of[index]) return false;
      return IntersectionOverUnion(candidates.boxes + 4 * better, candidates.boxes + 4 * index) >
             op.overlap_threshold;
    });
    if (!suppressed) kept.push_back(index);
  }
  if (kept.empty()) kept.push_back(order[0]);
  return kept;
}

// With the thresholds that come as inputs.
NonMaximumSuppression Resolve(NonMaximumSuppression op, const Call& call) {
  size_t next = 2;
  if (op.overlap_input) op.overlap_threshold = call.inputs[next++].data[0];
  if (op.score_input) op.score_threshold = call.inputs[next].data[0];
  return op;
}

}  // namespace

void RunPlain(const NonMaximumSuppression& given, const Call& call) {
  const NonMaximumSuppression op = Resolve(given, call);
  const Shape& shape = call.inputs[1].shape;  // [batch, count, classes]
  const int64_t count = shape[1], classes = shape[2];
  const float padding[] = {0, 0, -1};
  for (size_t i = 0; i < 3; ++i) {
    std::fill_n(call.outputs[i].data, graph::Product(call.outputs[i].shape), padding[i]);
  }
  for (int64_t b = 0; b < shape[0]; ++b) {
    const float* boxes = call.inputs[0].data + b * count * 4;
    const float* scores = call.inputs[1].data + b * count * classes;
    const std::vector<int64_t> kept = Survivors(op, MakeCandidates(boxes, scores, count, classes));
    for (size_t i = 0; i < kept.size(); ++i) {
      const int64_t row = b * op.max_boxes + static_cast<int64_t>(i);
      std::copy_n(boxes + kept[i] * 4, 4, call.outputs[0].data + row * 4);
      std::copy_n(scores + kept[i] * classes, classes, call.outputs[1].data + row * classes);
      call.outputs[2].data[row] = static_cast<float>(kept[i]);
    }
    call.outputs[3].data[b] = static_cast<float>(kept.size());
  }
}

}  // namespace nbits

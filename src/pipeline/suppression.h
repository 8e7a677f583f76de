// SPDX-License-Identifier: Apache-2.0
// Which of many boxes remain: the most confident ones that do not overlap too much.
#ifndef NBITS_PIPELINE_SUPPRESSION_H_
#define NBITS_PIPELINE_SUPPRESSION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace nbits {

struct SuppressionRule {
  bool per_class = false;  // Only boxes of the same best class suppress each other.
  double iou_threshold = 0, confidence_threshold = 0;
};

// Indices of the boxes that remain, the most confident first and of equals the first; at most
// `most`. A box's confidence is that of its best class; below the threshold it is dropped, and so
// is one that overlaps a better one by more than the other threshold (intersection over union).
// `boxes`: [count][4], centre x, centre y, width, height. `confidences`: [count][classes], at least
// one class. ResourceExhausted when too many boxes are above the threshold to compare them all.
absl::StatusOr<std::vector<int64_t>> Suppress(const SuppressionRule& rule,
                                              std::span<const float> boxes,
                                              std::span<const float> confidences, int64_t classes,
                                              int64_t most);

// Intersection over union of two boxes of the form above; 0 when both are empty.
double IntersectionOverUnion(const float* a, const float* b);

}  // namespace nbits

#endif  // NBITS_PIPELINE_SUPPRESSION_H_

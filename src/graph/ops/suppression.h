// SPDX-License-Identifier: Apache-2.0
// Boxes of detectors.
#ifndef NBITS_GRAPH_OPS_SUPPRESSION_H_
#define NBITS_GRAPH_OPS_SUPPRESSION_H_

#include <cstdint>

namespace nbits::graph {

// Inputs: boxes [B, N, 4] (centre x, centre y, width, height), scores [B, N, C], then, where the
// flags say so, an overlap threshold and a score threshold of one value each. Outputs: boxes [B,
// max_boxes, 4], scores [B, max_boxes, C], indices [B, max_boxes], counts [B]; best first, padded
// with 0 (indices: -1). Boxes whose best score is below the threshold are left out; when none
// remains, the best one is kept.
struct NonMaximumSuppression {
  float overlap_threshold = 0;  // Boxes of a higher intersection over union are suppressed.
  float score_threshold = 0;
  int64_t max_boxes = 1;
  bool per_class = false;  // Only boxes of the same best class suppress each other.
  bool overlap_input = false, score_input = false;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_SUPPRESSION_H_

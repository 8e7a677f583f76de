// SPDX-License-Identifier: Apache-2.0
// Grids from the target and the variances of the inputs alone.
#ifndef NBITS_QUANTIZE_CALIBRATE_RANGE_SEARCH_H_
#define NBITS_QUANTIZE_CALIBRATE_RANGE_SEARCH_H_

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/grid_map.h"
#include "quantize/calibrate/layer_problem.h"

namespace nbits {

// The grids with the least sum of H_kk (w*_k - nearest value)^2 that are found by shrinking the
// range of the target at both ends, independently, down to a quarter, and then by alternating
// between nearest codes and the least-squares scale and offset.
Codebook SearchRanges(const LayerProblem& problem, const GridMap& map, const GridForm& form);

// By column of a group: what an error there counts.
std::vector<float> Importance(const LayerProblem& problem, const GroupProblem& group);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_RANGE_SEARCH_H_

// SPDX-License-Identifier: Apache-2.0
// Dynamic programming over where clusters of sorted points begin.
#ifndef NBITS_QUANTIZE_KMEANS_WINDOW_PROGRAM_H_
#define NBITS_QUANTIZE_KMEANS_WINDOW_PROGRAM_H_

#include <cstdint>
#include <span>
#include <vector>

#include "quantize/kmeans/weighted_points.h"

namespace nbits {

// boundaries[c] is the first point of cluster c; boundaries.back() is the number of points.
using Boundaries = std::vector<int64_t>;

// Where a boundary is looked for: [first, last].
struct Window {
  int64_t first = 0, last = 0;
};

// The boundaries with the least squared error among those with each inside its window. windows[c]
// belongs to boundary c: the first is [0, 0], the last [n, n]; first and last points ascend
// strictly. Time: the sum of the windows' sizes times the logarithm of the largest.
Boundaries BestInWindows(const PointSums& sums, std::span<const Window> windows);

// The optimum over all boundaries. Time clusters * n log n, memory 4 * clusters * n bytes. There
// are at least as many points as clusters.
Boundaries BestOfAll(const PointSums& sums, int clusters);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_KMEANS_WINDOW_PROGRAM_H_

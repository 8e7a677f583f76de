// SPDX-License-Identifier: Apache-2.0
// The clustering that is best when every cluster costs a penalty: the optimum for whatever number
// of clusters it comes out with. From it the optimum for a given number follows in a time that does
// not grow with that number.
#ifndef NBITS_QUANTIZE_KMEANS_PENALTY_PROGRAM_H_
#define NBITS_QUANTIZE_KMEANS_PENALTY_PROGRAM_H_

#include "quantize/kmeans/window_program.h"

namespace nbits {

// The boundaries with the least squared error + penalty * clusters. The larger the penalty, the
// fewer the clusters. Time n log n in the worst case, about n for most points.
Boundaries BestForPenalty(const PointSums& sums, double penalty);

// The boundaries of exactly `clusters` clusters (at most the number of points) with the least
// squared error: the global optimum. `penalty` is a guess (> 0) of what the last cluster saves.
Boundaries BestForCount(const PointSums& sums, int clusters, double penalty);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_KMEANS_PENALTY_PROGRAM_H_

// SPDX-License-Identifier: Apache-2.0
// The moments of what a layer reads, over many pictures.
#ifndef NBITS_TUNE_GATHER_H_
#define NBITS_TUNE_GATHER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "quantize/calibrate/moments/second_moments.h"
#include "tune/layers.h"
#include "tune/twin_walk.h"

namespace nbits {

// Runs the walk's present stretch on these pictures, and adds up the columns that the layer reads
// at about `positions` output positions of all together, as many of each picture. One entry a
// group. The sums do not depend on the number of threads. `again`: the stretch has been run
// already.
absl::StatusOr<std::vector<SecondMoments>> GatherMoments(TwinWalk& walk, const LayerPlace& place,
                                                         std::span<const size_t> pictures,
                                                         int64_t positions, bool again = false);

}  // namespace nbits

#endif  // NBITS_TUNE_GATHER_H_

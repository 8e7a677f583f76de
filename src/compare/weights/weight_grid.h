// SPDX-License-Identifier: Apache-2.0
// The distribution of one weight, and the grid of values on which a variant stores it.
#ifndef NBITS_COMPARE_WEIGHTS_WEIGHT_GRID_H_
#define NBITS_COMPARE_WEIGHTS_WEIGHT_GRID_H_

#include <optional>
#include <string>

#include "nbits/packed_tensor.h"
#include "nbits/results.h"

namespace nbits {

// Sets edges and counts: at most 96 bins of equal width between the smallest and largest finite
// value; none when there is no finite value.
void FillBins(const PackedTensor& tensor, WeightHistogram& histogram);

// Nothing for plain Float32 and Float16. Of a grid with a scale per channel, the channel whose
// values reach furthest.
std::optional<WeightGrid> GridOf(const PackedTensor& tensor, const std::string& mode);

}  // namespace nbits

#endif  // NBITS_COMPARE_WEIGHTS_WEIGHT_GRID_H_

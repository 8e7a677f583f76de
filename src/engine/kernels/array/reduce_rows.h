// SPDX-License-Identifier: Apache-2.0
// Sums, norms and extremes of rows of values, and of columns.
#ifndef NBITS_ENGINE_KERNELS_ARRAY_REDUCE_ROWS_H_
#define NBITS_ENGINE_KERNELS_ARRAY_REDUCE_ROWS_H_

#include <cstdint>

#include "engine/kernel.h"

namespace nbits {

// What a value contributes to a total.
enum class Contribution : uint8_t { kSum, kSumOfMagnitudes, kSumOfSquares, kLargest, kSmallest };

// The total of `count` values, at least one; of extremes, NaN where a value is NaN. Sums are taken
// in Float32 a few hundred values a lane and in double beyond: within 1e-5 of the sum of the
// magnitudes of what is added; extremes are exact.
double RowTotal(Contribution contribution, const float* values, int64_t count);

// total[i] = total[i] combined with values[i], in Float32.
void AddToTotals(Contribution contribution, const float* values, int64_t count, float* total);

namespace reference {
double RowTotal(Contribution contribution, const float* values, int64_t count);
void AddToTotals(Contribution contribution, const float* values, int64_t count, float* total);
}  // namespace reference

// Planar: graph::Reduce over neighbouring axes by one of the above, and graph::Pool over whole
// pictures.
absl::StatusOr<std::unique_ptr<Kernel>> MakeReduceKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions& options);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_ARRAY_REDUCE_ROWS_H_

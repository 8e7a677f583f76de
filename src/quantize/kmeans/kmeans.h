// SPDX-License-Identifier: Apache-2.0
// The table with the least squared error: one-dimensional k-means.
//
// Up to kExactPoints distinct values the result is the global optimum: dynamic programming over the
// sorted values with a penalty per entry, which is searched for
// (quantize/kmeans/penalty_program.h). With more distinct values the programme runs over 2^14
// groups of neighbouring values, finer where the optimum has more entries, or over a histogram of
// the values' leading 20 bits, and the boundaries then move to a local optimum over single values.
// The squared error stays within 1.0001 of the optimum: tests hold it to the exact programme, which
// is itself held to the definition; on the weights of real and random models bench/kmeans measures
// at most 1.00002 (docs/performance.md). The result depends on nothing but the values (not on
// threads or instruction set).
#ifndef NBITS_QUANTIZE_KMEANS_KMEANS_H_
#define NBITS_QUANTIZE_KMEANS_KMEANS_H_

#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

inline constexpr int64_t kExactPoints = 1 << 16;

// Up to `clusters` entries, ascending; fewer only when there are fewer distinct values. Each is the
// mean of its values, rounded to float32. `values` are finite; `importance` is empty or a
// finite weight >= 0 for each value (values of weight 0 do not matter unless all are).
std::vector<float> KMeansTable(std::span<const float> values, std::span<const float> importance,
                               int clusters);

// The global optimum at any size, for measurements: about 0.1 to 0.5 microseconds a value. What
// KMeansTable is held to.
std::vector<float> ExactKMeansTable(std::span<const float> values, int clusters);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_KMEANS_KMEANS_H_

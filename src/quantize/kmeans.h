// The table with the least squared error: one-dimensional k-means.
//
// Up to kExactPoints distinct values the result is the global optimum (dynamic programming over the
// sorted values; ties go to the clustering whose boundaries lie furthest left). Above that the
// programme runs over groups of neighbouring values, finer where the optimum has more entries, and
// its boundaries then move to a local optimum over single values (Lloyd); the squared error stays
// within 1.0001 of the optimum, which a test checks against the exact programme.
// The result depends on nothing but the values (not on threads or instruction set).
#ifndef NBITS_QUANTIZE_KMEANS_H_
#define NBITS_QUANTIZE_KMEANS_H_

#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

inline constexpr int64_t kExactPoints = 4096;

// Up to `clusters` entries, ascending; fewer only when there are fewer distinct values. Each is the
// mean of its values, rounded to float32. `values` are finite; `importance` is empty or a
// finite weight >= 0 for each value (values of weight 0 do not matter unless all are).
std::vector<float> KMeansTable(std::span<const float> values, std::span<const float> importance,
                               int clusters);

// The global optimum at any size: time O(clusters * n log n), memory 4 * clusters * n bytes for n
// distinct values. What KMeansTable is measured against.
std::vector<float> ExactKMeansTable(std::span<const float> values, int clusters);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_KMEANS_H_

// SPDX-License-Identifier: Apache-2.0
// Places in a table by an index that the network computes.
#ifndef NBITS_ENGINE_KERNELS_COMMON_TABLE_INDEX_H_
#define NBITS_ENGINE_KERNELS_COMMON_TABLE_INDEX_H_

#include <algorithm>
#include <cstdint>

namespace nbits {

// Negative indices count from the end; outside the table they stand for its nearest end.
inline int64_t TableIndex(float value, int64_t extent) {
  const double index = value < 0 ? value + static_cast<double>(extent) : double{value};
  if (!(index > 0)) return 0;
  return static_cast<int64_t>(std::min(index, static_cast<double>(extent - 1)));
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_TABLE_INDEX_H_

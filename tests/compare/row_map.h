// SPDX-License-Identifier: Apache-2.0
// A class map that is easily written down.
#ifndef NBITS_TESTS_COMPARE_ROW_MAP_H_
#define NBITS_TESTS_COMPARE_ROW_MAP_H_

#include <cstdint>
#include <vector>

#include "nbits/class_map.h"

namespace nbits {

// One row high.
inline ClassMap RowMap(const std::vector<uint8_t>& ids) {
  return {1, static_cast<int>(ids.size()), ids};
}

}  // namespace nbits

#endif  // NBITS_TESTS_COMPARE_ROW_MAP_H_

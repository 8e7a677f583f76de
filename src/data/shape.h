// SPDX-License-Identifier: Apache-2.0
// What shapes of tensors that mean the same have in common.
#ifndef NBITS_DATA_SHAPE_H_
#define NBITS_DATA_SHAPE_H_

#include <algorithm>
#include <iterator>

#include "nbits/tensor.h"

namespace nbits {

// The extents that are not 1, in order.
inline Shape WithoutOnes(const Shape& shape) {
  Shape kept;
  std::copy_if(shape.begin(), shape.end(), std::back_inserter(kept),
               [](int64_t extent) { return extent != 1; });
  return kept;
}

}  // namespace nbits

#endif  // NBITS_DATA_SHAPE_H_

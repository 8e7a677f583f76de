// SPDX-License-Identifier: Apache-2.0
// What shapes of tensors and pictures that mean the same have in common.
#ifndef NBITS_DATA_SHAPE_H_
#define NBITS_DATA_SHAPE_H_

#include <algorithm>
#include <iterator>

#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits {

// The extents that are not 1, in order.
inline Shape WithoutOnes(const Shape& shape) {
  Shape kept;
  std::copy_if(shape.begin(), shape.end(), std::back_inserter(kept),
               [](int64_t extent) { return extent != 1; });
  return kept;
}

// Whether pictures of this kind have one channel.
inline bool IsGrey(ImageColor color) {
  return color == ImageColor::kGrayscale || color == ImageColor::kGrayscaleFloat16;
}

}  // namespace nbits

#endif  // NBITS_DATA_SHAPE_H_

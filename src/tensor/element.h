// SPDX-License-Identifier: Apache-2.0
// Single elements of a packed tensor.
#ifndef NBITS_TENSOR_ELEMENT_H_
#define NBITS_TENSOR_ELEMENT_H_

#include <cstdint>

#include "nbits/packed_tensor.h"

namespace nbits {

// Element `index` of a tensor that has it, to the bit as DecodeElements gives it: a few
// nanoseconds, where that takes a few tens for any number of elements.
float DecodeElement(const PackedTensor& tensor, int64_t index);

}  // namespace nbits

#endif  // NBITS_TENSOR_ELEMENT_H_

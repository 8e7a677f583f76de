// SPDX-License-Identifier: Apache-2.0
// Decoding for callers within the library, which have checked the range.
#ifndef NBITS_TENSOR_DECODE_H_
#define NBITS_TENSOR_DECODE_H_

#include <cstdint>
#include <span>

#include "nbits/packed_tensor.h"
#include "tensor/compare_values.h"

namespace nbits {

// Elements [begin, begin + out.size()) of a tensor that has them, on the calling thread.
void DecodeElements(const PackedTensor& tensor, int64_t begin, std::span<float> out);

// All elements of a tensor that has out.size() of them, on all cores.
void DecodeAll(const PackedTensor& tensor, std::span<float> out);

// What elements from `begin` on are, compared with the `values` that they stand for; decoded in
// blocks that stay in the first-level cache.
ValueErrors ErrorsOf(const PackedTensor& tensor, int64_t begin, std::span<const float> values);

}  // namespace nbits

#endif  // NBITS_TENSOR_DECODE_H_

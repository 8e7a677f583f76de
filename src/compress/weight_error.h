// SPDX-License-Identifier: Apache-2.0
// How far a stored weight is from the original one.
#ifndef NBITS_COMPRESS_WEIGHT_ERROR_H_
#define NBITS_COMPRESS_WEIGHT_ERROR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "nbits/packed_tensor.h"
#include "tensor/compare_values.h"

namespace nbits {

// Of elements [begin, end), on the calling thread; nothing larger than a block that stays in the
// cache is decoded at once. Both tensors are valid and have at least `end` elements.
absl::StatusOr<ValueErrors> CompareElements(const PackedTensor& original,
                                            const PackedTensor& stored, int64_t begin, int64_t end);

}  // namespace nbits

#endif  // NBITS_COMPRESS_WEIGHT_ERROR_H_

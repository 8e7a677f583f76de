// How far a stored weight is from the original one.
#ifndef NBITS_COMPRESS_WEIGHT_ERROR_H_
#define NBITS_COMPRESS_WEIGHT_ERROR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// Sums over elements w of the original and w' of what was stored in its place.
struct WeightError {
  double signal = 0;         // sum w^2.
  double squared_error = 0;  // sum (w - w')^2.
  double max_absolute_error = 0;
  int64_t zeros_flipped = 0;  // Elements that are 0 in one of the two and not in the other.

  void Merge(const WeightError& other);
  double SnrDb() const;  // 10 log10(signal / squared_error); infinite when there is no error.
};

// Of elements [begin, end), on the calling thread; nothing larger than a block that stays in the
// cache is decoded at once. Both tensors are valid and have at least `end` elements.
absl::StatusOr<WeightError> CompareElements(const PackedTensor& original,
                                            const PackedTensor& stored, int64_t begin, int64_t end);

}  // namespace nbits

#endif  // NBITS_COMPRESS_WEIGHT_ERROR_H_

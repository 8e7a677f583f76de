// SPDX-License-Identifier: Apache-2.0
// Error statistics of decoded weights.
#ifndef NBITS_TENSOR_COMPARE_VALUES_H_
#define NBITS_TENSOR_COMPARE_VALUES_H_

#include <cstdint>
#include <span>

namespace nbits {

// Sums over pairs of an original value w and the value w' that stands in its place.
struct ValueErrors {
  double signal = 0;              // sum w^2.
  double squared_error = 0;       // sum (w - w')^2.
  double max_absolute_error = 0;  // A NaN does not count.
  int64_t zeros_flipped = 0;      // Pairs of which one is 0 and the other is not.

  void Merge(const ValueErrors& other);
  double SnrDb() const;  // 10 log10(signal / squared_error); infinite when there is no error.
};

// `stored` has as many values as `original`. Sums are in double, in eight lanes (value i goes to
// lane i % 8) that are added in order at the end: the same bits on every instruction set.
ValueErrors CompareValues(std::span<const float> original, std::span<const float> stored);

namespace reference {
ValueErrors CompareValues(std::span<const float> original, std::span<const float> stored);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_TENSOR_COMPARE_VALUES_H_

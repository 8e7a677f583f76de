// SPDX-License-Identifier: Apache-2.0
// The larger and the smaller of two values as NumPy has them: NaN if either is, so that a value
// that is no number can be seen in what comes of it. Of equal ones (zeros) the first.
#ifndef NBITS_ENGINE_KERNELS_COMMON_EXTREMES_H_
#define NBITS_ENGINE_KERNELS_COMMON_EXTREMES_H_

namespace nbits {

template <typename Float>
Float LargerOf(Float a, Float b) {
  return a < b || b != b ? b : a;
}
template <typename Float>
Float SmallerOf(Float a, Float b) {
  return b < a || b != b ? b : a;
}

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_COMMON_EXTREMES_H_

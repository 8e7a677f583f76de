// SPDX-License-Identifier: Apache-2.0
// Sorting floats by their bits.
#ifndef NBITS_QUANTIZE_KMEANS_SORT_FLOATS_H_
#define NBITS_QUANTIZE_KMEANS_SORT_FLOATS_H_

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

// An integer that orders as the floats do, NaN aside (-0 becomes +0).
inline uint32_t OrderedKey(float value) {
  constexpr uint32_t kSign = 0x80000000;
  const uint32_t bits = std::bit_cast<uint32_t>(value + 0.0f);
  return bits & kSign ? ~bits : bits | kSign;
}

// The inverse.
inline float FloatOfKey(uint32_t key) {
  constexpr uint32_t kSign = 0x80000000;
  return std::bit_cast<float>(key & kSign ? key & ~kSign : ~key);
}

// The values ascending, -0 as +0. No NaN among them. Time linear in their number (radix sort).
std::vector<float> SortedFloats(std::span<const float> values);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_KMEANS_SORT_FLOATS_H_

// SPDX-License-Identifier: Apache-2.0
// IEEE 754 binary16 as integers, in plain arithmetic.
#ifndef NBITS_TENSOR_HALF_H_
#define NBITS_TENSOR_HALF_H_

#include <bit>
#include <cmath>
#include <cstdint>

namespace nbits {

// Magnitudes from here on (halfway between 65504 and 65536) round to infinity.
inline constexpr float kHalfOverflow = 65520.0f;

// Whether a finite value becomes infinite.
inline bool LeavesHalfRange(float value) {
  return std::isfinite(value) && std::abs(value) >= kHalfOverflow;
}

// Round half to even; subnormals kept; NaN becomes 0x7e00 with the sign of the value.
inline uint16_t HalfFromFloat(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint16_t sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= std::bit_cast<uint32_t>(kHalfOverflow)) return sign | 0x7c00;
  if (magnitude < 0x38800000) {  // Below 2^-14: subnormal, in units of 2^-24.
    // Adding 0.5 puts the unit of 2^-24 at the float's last bit: the addition does the rounding.
    const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(aligned) - 0x3f000000));
  }
  const uint32_t odd = magnitude >> 13 & 1;
  const uint32_t rounded = magnitude - 0x38000000 + 0xfff + odd;  // Exponent bias 127 -> 15.
  return static_cast<uint16_t>(sign | rounded >> 13);
}

// Exact. NaN stays NaN.
inline float FloatFromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) {
    const uint32_t quiet = magnitude > 0x7c00 ? 0x400000 : 0;
    return std::bit_cast<float>(sign | 0x7f800000 | quiet | (magnitude & 0x3ff) << 13);
  }
  if (magnitude >= 0x400) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000));
  const float subnormal = static_cast<float>(magnitude) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(subnormal));
}

}  // namespace nbits

#endif  // NBITS_TENSOR_HALF_H_

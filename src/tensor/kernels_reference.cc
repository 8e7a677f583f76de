// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensor/half.h"
#include "tensor/kernels.h"

namespace nbits {
namespace {

// Of 0 and -0 the latter.
float Lower(float first, float second) {
  if (first == second) return std::signbit(first) ? first : second;
  return second < first ? second : first;
}

}  // namespace

Extremes Joined(const Extremes& first, const Extremes& second) {
  return {Lower(first.minimum, second.minimum), -Lower(-first.maximum, -second.maximum),
          first.finite && second.finite};
}

}  // namespace nbits

namespace nbits::reference {
namespace {

template <typename Code>
void DecodeLinearCodes(const Code* codes, float scale, float offset, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<double>(codes[i]) * scale + offset);
  }
}

}  // namespace

Extremes FindExtremes(std::span<const float> values) {
  Extremes extremes;
  for (float value : values) {
    extremes.minimum = Lower(extremes.minimum, value);
    extremes.maximum = -Lower(-extremes.maximum, -value);
    extremes.finite = extremes.finite && std::isfinite(value);
  }
  return extremes;
}

void EncodeGrid(std::span<const float> values, const CodeGrid& grid, uint8_t* codes) {
  for (size_t i = 0; i < values.size(); ++i) {
    const double distance = static_cast<double>(values[i]) - grid.offset;
    const double position = grid.divide ? distance / grid.factor : distance * grid.factor;
    const double clamped = std::clamp(position, 0.0, static_cast<double>(grid.max_code));
    codes[i] = static_cast<uint8_t>(std::nearbyint(clamped));
  }
}

void DecodeLinear(const uint8_t* codes, float scale, float offset, std::span<float> out) {
  DecodeLinearCodes(codes, scale, offset, out);
}

void DecodeLinear(const int8_t* codes, float scale, float offset, std::span<float> out) {
  DecodeLinearCodes(codes, scale, offset, out);
}

void DecodeTable(const uint8_t* codes, std::span<const float> table, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = table[codes[i]];
}

void EncodeHalf(std::span<const float> values, uint16_t* halves) {
  for (size_t i = 0; i < values.size(); ++i) halves[i] = HalfFromFloat(values[i]);
}

void DecodeHalf(const void* halves, std::span<float> out) {
  const char* bytes = static_cast<const char*>(halves);
  for (size_t i = 0; i < out.size(); ++i) {
    uint16_t half;
    std::memcpy(&half, bytes + 2 * i, sizeof half);
    out[i] = FloatFromHalf(half);
  }
}

}  // namespace nbits::reference

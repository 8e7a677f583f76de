// SPDX-License-Identifier: Apache-2.0
// The inner loops of the quantizer. The functions in namespace nbits run on the best instruction
// set of the machine (Google Highway); those in nbits::reference say the same in plain code. Both
// give the same bits for every input that is not NaN, on every instruction set; a test holds them
// together. Spans may have any length and alignment.
#ifndef NBITS_TENSOR_KERNELS_H_
#define NBITS_TENSOR_KERNELS_H_

#include <cstdint>
#include <limits>
#include <span>

namespace nbits {

// Smallest and largest value; meaningless when `finite` is false (a NaN or an infinity is there).
// Of an empty span: minimum is +infinity, maximum -infinity, finite true. -0 counts as less than 0.
struct Extremes {
  float minimum = std::numeric_limits<float>::infinity();
  float maximum = -std::numeric_limits<float>::infinity();
  bool finite = true;
};

// How a value becomes a code: round half to even of (value - offset) * factor, or of
// (value - offset) / factor where `divide` is set, each operation in double; the result is clamped
// to [0, max_code]. coremltools multiplies by the reciprocal in one mode and divides in another,
// and the two round differently. factor 0 without `divide` makes every code 0.
struct CodeGrid {
  double offset = 0;
  double factor = 0;
  bool divide = false;
  int max_code = 255;
};

Extremes FindExtremes(std::span<const float> values);
// The extremes of two spans together.
Extremes Joined(const Extremes& first, const Extremes& second);
// `values` must be finite.
void EncodeGrid(std::span<const float> values, const CodeGrid& grid, uint8_t* codes);
// out[i] = float(double(codes[i]) * scale + offset): the product is exact in double (8 + 24 bits),
// the sum is rounded to double and then to float, as coremltools does.
void DecodeLinear(const uint8_t* codes, float scale, float offset, std::span<float> out);
void DecodeLinear(const int8_t* codes, float scale, float offset, std::span<float> out);
// out[i] = table[codes[i]]; every code must be inside the table.
void DecodeTable(const uint8_t* codes, std::span<const float> table, std::span<float> out);
// IEEE binary16: round half to even, subnormals kept, beyond the range becomes infinite, NaN
// becomes the quiet NaN 0x7e00 of the same sign. Decoding is exact.
void EncodeHalf(std::span<const float> values, uint16_t* halves);
// `halves`: out.size() little-endian 16-bit values at any alignment.
void DecodeHalf(const void* halves, std::span<float> out);

namespace reference {
Extremes FindExtremes(std::span<const float> values);
void EncodeGrid(std::span<const float> values, const CodeGrid& grid, uint8_t* codes);
void DecodeLinear(const uint8_t* codes, float scale, float offset, std::span<float> out);
void DecodeLinear(const int8_t* codes, float scale, float offset, std::span<float> out);
void DecodeTable(const uint8_t* codes, std::span<const float> table, std::span<float> out);
void EncodeHalf(std::span<const float> values, uint16_t* halves);
void DecodeHalf(const void* halves, std::span<float> out);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_TENSOR_KERNELS_H_

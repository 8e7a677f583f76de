// SPDX-License-Identifier: Apache-2.0
// The sums of quarters of a matrix that Strassen's product takes; their names are those of
// strassen.h.
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_STRASSEN_SUMS_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_STRASSEN_SUMS_H_

#include <cstdint>

namespace nbits {

// As many values of each quarter, numbered as in a matrix.
struct Quarters {
  const float *q11, *q12, *q21, *q22;
};

// S1 to S4 of the inputs A and T1 to T4 of the weights B: `count` values each, a multiple of 16,
// `stride` floats from one sum to the next. Every value is rounded once for each addition, in every
// instruction set alike.
void StrassenInputSums(const Quarters& a, int64_t count, float* to, int64_t stride);
void StrassenWeightSums(const Quarters& b, int64_t count, float* to, int64_t stride);

namespace reference {
void StrassenInputSums(const Quarters& a, int64_t count, float* to, int64_t stride);
void StrassenWeightSums(const Quarters& b, int64_t count, float* to, int64_t stride);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_STRASSEN_SUMS_H_

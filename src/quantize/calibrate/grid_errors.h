// SPDX-License-Identifier: Apache-2.0
// How far weights are from their nearest grid points.
#ifndef NBITS_QUANTIZE_CALIBRATE_GRID_ERRORS_H_
#define NBITS_QUANTIZE_CALIBRATE_GRID_ERRORS_H_

#include <cstdint>

#include "quantize/calibrate/codebook.h"

namespace nbits {

// errors[i] = sum over k of importance[k] * (target - nearest value)^2, for the stripe [columns,
// kStripe] at `target`, whose first lane is `lane`. Sums of up to kRun columns in Float32, these in
// Float64. The same bits on every instruction set (Google Highway).
void GridErrors(const float* target, const float* importance, int64_t columns, const Codebook& book,
                int64_t lane, double* errors);

namespace reference {
void GridErrors(const float* target, const float* importance, int64_t columns, const Codebook& book,
                int64_t lane, double* errors);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_GRID_ERRORS_H_

// SPDX-License-Identifier: Apache-2.0
// What the search for a better grid (quantize/linear_grid.h, GridFitter) measures of a grid.
#ifndef NBITS_QUANTIZE_GRID_MOMENTS_H_
#define NBITS_QUANTIZE_GRID_MOMENTS_H_

#include <span>

#include "quantize/linear_grid.h"

namespace nbits {

// A grid in units of its step: a value's position is (value - offset) * inverse, its code the
// nearest integer of [0, max_code], half to even, and its miss position - code.
struct StepGrid {
  float offset = 0, inverse = 0;
  float max_code = 255;
};

// Sums over values with codes q and misses m.
struct StepMoments {
  double q = 0, qq = 0, m = 0, mq = 0, mm = 0;
};

// The search compares many grids on samples, in Float32: sixteen lanes (value i goes to lane i %
// 16) that are added in order at the end, in double. The same bits on every instruction set.
// `values` are finite; those far outside of the grid may make sums infinite.
StepMoments MeasureSteps(std::span<const float> values, const StepGrid& grid);
// Its sum mm alone.
double MeasureMisses(std::span<const float> values, const StepGrid& grid);

// Sum over `values` (finite) of (value - decoded value)^2 with the grid as it is stored; in double,
// in eight lanes.
double SquaredError(std::span<const float> values, const LinearGrid& grid);

namespace reference {
StepMoments MeasureSteps(std::span<const float> values, const StepGrid& grid);
double MeasureMisses(std::span<const float> values, const StepGrid& grid);
double SquaredError(std::span<const float> values, const LinearGrid& grid);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_QUANTIZE_GRID_MOMENTS_H_

// What the search for a better grid (quantize/linear_grid.h, FitGrid) measures of a grid.
#ifndef NBITS_QUANTIZE_GRID_MOMENTS_H_
#define NBITS_QUANTIZE_GRID_MOMENTS_H_

#include <span>

#include "quantize/linear_grid.h"

namespace nbits {

// Sums over values with nearest codes q and d = value - stored offset.
struct GridMoments {
  double n = 0, q = 0, qq = 0, d = 0, dq = 0;
  double error = 0;  // Sum of (d - stored scale * q)^2.
};

// In double, in eight lanes (value i goes to lane i % 8) that are added in order at the end: the
// same bits on every instruction set. `values` are finite.
GridMoments MeasureGrid(std::span<const float> values, const LinearGrid& grid);

namespace reference {
GridMoments MeasureGrid(std::span<const float> values, const LinearGrid& grid);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_QUANTIZE_GRID_MOMENTS_H_

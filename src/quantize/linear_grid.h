// Grids of equal steps: the modes linear, linear_symmetric and (for the whole tensor) linear_lut.
//
// Semantics: coremltools 7.2 `quantize_weights` with protobuf 3.20 (its arithmetic is then in
// double); each operation is one rounding to double, scale and offset are rounded to float32 when
// stored.
//   linear:    a = min, b = max, scale = (b - a) / (2^n - 1), offset = a,
//              q = rint((w - a) * (1 / scale)); q = 0 for the whole channel if scale <= 1e-6.
//   symmetric: r = max |w|, scale = r / (2^(n-1) - 1), offset = -2^(n-1) * scale,
//              q = rint((w - offset) / scale);  q = 0 for the whole channel if scale <= 1e-6.
//              The code 2^(n-1) is zero; code 0 does not occur. coremltools has 8 bits only; other
//              widths are the same formulas. One bit would divide by zero, so there the two levels
//              are -r and +r: scale = 2 r, offset = -r.
#ifndef NBITS_QUANTIZE_LINEAR_GRID_H_
#define NBITS_QUANTIZE_LINEAR_GRID_H_

#include <span>

#include "quantize/kernels.h"

namespace nbits {

// How values are encoded, and what is stored for decoding them.
struct LinearGrid {
  CodeGrid code;
  double scale = 0;
  double offset = 0;

  float stored_scale() const { return static_cast<float>(scale); }
  float stored_offset() const { return static_cast<float>(offset); }
};

LinearGrid MinMaxGrid(float minimum, float maximum, int bits);
LinearGrid SymmetricGrid(float minimum, float maximum, int bits);

// The code whose decoded value is 0 in a symmetric grid: 2^(bits - 1), or 0.5 at one bit.
double CenterCode(int bits);

// Whether every code decodes to a finite float32.
bool IsRepresentable(const LinearGrid& grid);

// A grid with lower squared error on `values` (finite) than `start`, found by trying clipped ranges
// and then alternating between the nearest codes and the least-squares scale and offset; `start` if
// none is found, so that the result is never worse. `symmetric` keeps offset = -center * scale.
LinearGrid FitGrid(std::span<const float> values, const LinearGrid& start, int bits,
                   bool symmetric);

// Sum over `values` of (value - decoded value)^2 with the grid as it is stored.
double SquaredError(std::span<const float> values, const LinearGrid& grid);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_LINEAR_GRID_H_

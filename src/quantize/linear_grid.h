// SPDX-License-Identifier: Apache-2.0
// Grids of equal steps: the modes linear, linear_symmetric and (for the whole tensor) linear_lut.
//
// Semantics: coremltools 7.2 `quantize_weights` with protobuf 3.20 (its arithmetic is then in
// double); each operation is one rounding to double, scale and offset are rounded to float32 when
// stored.
//   linear:    a = min, b = max, scale = (b - a) / (2^n - 1), offset = a,
//              q = rint((w - a) * (1 / scale)).
//   symmetric: r = max |w|, scale = r / (2^(n-1) - 1), offset = -2^(n-1) * scale,
//              q = rint((w - offset) / scale).
//              The code 2^(n-1) is zero; code 0 does not occur. coremltools has 8 bits only; other
//              widths are the same formulas. One bit would divide by zero, so there the two levels
//              are -r and +r: scale = 2 r, offset = -r.
// q = 0 for the whole channel if scale <= the smallest step: 1e-6 in coremltools, which makes
// nothing of small weights; 0 in ours.
#ifndef NBITS_QUANTIZE_LINEAR_GRID_H_
#define NBITS_QUANTIZE_LINEAR_GRID_H_

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/kernels.h"

namespace nbits {

// As a scale or an offset is stored. Never inlined, because g++ 12 takes double(float(x)) for x
// where it makes vectors of two neighbours (-O2): the grid that is stored is then not the one that
// was chosen.
float AsStored(double value);

// How values are encoded, and what is stored for decoding them.
struct LinearGrid {
  CodeGrid code;
  double scale = 0;
  double offset = 0;

  float stored_scale() const { return AsStored(scale); }
  float stored_offset() const { return AsStored(offset); }
};

// coremltools: channels with a step up to this size become constant.
inline constexpr double kCoremltoolsStep = 1e-6;

LinearGrid MinMaxGrid(float minimum, float maximum, int bits, double smallest_step = 0);
LinearGrid SymmetricGrid(float minimum, float maximum, int bits, double smallest_step = 0);

// A grid whose step is below Float32's normal numbers, and so stored with few digits, made to be
// encoded with the step that is stored, which reaches as far; others as they are.
LinearGrid WithStoredStep(const LinearGrid& grid, double center);

// The code whose decoded value is 0 in a symmetric grid: 2^(bits - 1), or 0.5 at one bit.
double CenterCode(int bits);

// Whether every code decodes to a finite float32.
bool IsRepresentable(const LinearGrid& grid);

// Finds better grids for channels of one length.
class GridFitter {
 public:
  // At most 2^32 values; `symmetric` keeps offset = -center * scale.
  GridFitter(size_t length, int bits, bool symmetric);

  // A grid with lower squared error on `values` (finite, `length` of them) than `start`, found by
  // trying clipped ranges and then alternating between the nearest codes and the least-squares
  // scale and offset; `start` if none is found, so that the result is never worse. The search is in
  // Float32 on samples, the judgement in double on all values.
  LinearGrid Fit(std::span<const float> values, const LinearGrid& start) const;

 private:
  std::vector<uint32_t> few_, more_;  // Places of samples; empty: all.
  double center_;
  bool symmetric_;
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_LINEAR_GRID_H_

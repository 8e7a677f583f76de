// SPDX-License-Identifier: Apache-2.0
// Centred moments of a layer's inputs, in a unit of their own.
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_COVARIANCE_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_COVARIANCE_H_

#include <cstdint>
#include <vector>

#include "quantize/calibrate/moments/lower_triangle.h"
#include "quantize/calibrate/moments/second_moments.h"

namespace nbits {

// With the names of second_moments.h. The mean of the diagonal of `actual` is 1, so that Float32
// holds what is computed with it, whatever the layer's inputs are.
struct Covariance {
  LowerTriangle<float> actual;     // H / unit; the identity where unit is 0.
  std::vector<float> drift;        // [K, K]: (C - H) / unit. Empty without drift.
  std::vector<double> mean;        // [K]: E[x_q].
  std::vector<double> drift_mean;  // [K]: E[d]; zeros without drift.
  double unit = 0;                 // Mean of the diagonal of H; 0 where the inputs never change.

  int64_t inputs() const { return actual.size(); }
};

// Of moments that are valid and count at least one position. They are taken because they are large:
// what has been read is freed.
Covariance CovarianceOf(SecondMoments moments);

// Bytes that it takes.
int64_t CovarianceBytes(int64_t inputs, bool with_drift);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_COVARIANCE_H_

// SPDX-License-Identifier: Apache-2.0
// Second moments of what a linear layer reads: all that calibrated quantization
// (quantize/calibrate/calibrator.h) knows of the pictures.
//
// A convolution or an inner product computes y = W x + b for every output position, where x is the
// column of K = inputs x taps values that the position reads. Two networks are walked in step: the
// original one, where the layer reads x_f, and the one whose earlier layers are quantized already,
// where it reads x_q. Of the columns of many positions these sums are kept, with the drift
// d = x_f - x_q:
//   count   sum x_q   sum d   sum x_q x_q^T   sum d x_q^T
// They are uncentred, so that sums of several runs, pictures or machines are added (Merge), and
// Float64, so that nothing is lost by that. From them follow H = E[x_q x_q^T] and
// C = E[x_f x_q^T], centred, of Frantar et al., "GPTQ", 2210.17323, and of its asymmetric relatives
// (Li et al., "GPTAQ", 2504.02692).
#ifndef NBITS_QUANTIZE_CALIBRATE_MOMENTS_SECOND_MOMENTS_H_
#define NBITS_QUANTIZE_CALIBRATE_MOMENTS_SECOND_MOMENTS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"

namespace nbits {

// Columns of `positions` output positions, of one group: value k of position p is
// data[p * stride + k].
struct Columns {
  const float* data = nullptr;
  int64_t positions = 0;
  int64_t stride = 0;  // In floats; at least K.
};

// Of one group of a layer. Plain sums, to be saved and read again as they are.
struct SecondMoments {
  SecondMoments() = default;
  explicit SecondMoments(int64_t columns);  // K > 0; all sums are 0.

  int64_t inputs = 0;             // K.
  int64_t count = 0;              // Positions.
  std::vector<double> sum;        // [K]: of x_q.
  std::vector<double> products;   // Of x_q x_q^T, its lower triangle by rows: element (i, j), j <=
                                  // i, is [i * (i + 1) / 2 + j].
  std::vector<double> drift_sum;  // [K]: of d. Empty while both networks gave the same columns.
  std::vector<double> drift_products;  // [K, K], row-major: of d x_q^T. Likewise.

  // Bytes that the sums take: about 12 K^2 with drift, 4 K^2 without.
  static int64_t Bytes(int64_t columns, bool with_drift);

  // Adds columns that are the same in both networks (the first layer; calibration without target
  // correction). On all cores. What comes out depends on the columns and on how they are divided
  // into calls, and on nothing else: not on the number of threads, not on the instruction set.
  // Values that are not finite give sums that are not, which Validate reports.
  void Add(const Columns& columns);
  // `original` x_f and `actual` x_q of the same positions.
  void Add(const Columns& original, const Columns& actual);

  // Adds the sums of other columns. InvalidArgument for another K.
  absl::Status Merge(const SecondMoments& other);

  // For sums from outside, and before they are used. InvalidArgument: the lengths do not fit
  // `inputs`, the count is negative; FailedPrecondition: a sum is infinite or NaN, or a diagonal
  // element of `products` is negative.
  absl::Status Validate() const;
};

// The same for all groups of a layer, which stand side by side in the columns: group g has the
// values from g * K on. `original` is null where it is the same as `actual`. On all cores, over
// groups where there are several.
void AddToGroups(const Columns* original, const Columns& actual, std::span<SecondMoments> groups);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_MOMENTS_SECOND_MOMENTS_H_

// SPDX-License-Identifier: Apache-2.0
// Quantization of one layer's weights for the inputs that the layer really gets.
//
// Of a group, W [outputs, K], the moments of its columns are known (second_moments.h). Wanted is
// the W' on the grids or the table of a form whose outputs W' x_q are nearest to those of the
// original, W x_f. In closed form:
//   1. Target: the best real weights for what the layer gets,
//        W* = W + W (C - H) (H + d I)^-1,   d = target_damping * mean diagonal of H.
//   2. Range: a grid an output (or a table for all), the least sum of H_kk (w*_k - w'_k)^2.
//   3. Rounding: one column after the other, each compensating for the errors of those before it
//      (GPTQ, 2210.17323, in the form of Babai's nearest plane: H = L L^T, no inverse is needed),
//      then each code to the best value with all others held, then a few codes at once
//      (chain_move.h), then grids and tables by least squares; repeated as long as
//      tr((W' - W*) H (W' - W*)^T), the error under H, falls. Small vectors (depthwise layers) are
//      searched exhaustively (sphere decoding).
//   4. Bias: b' = b + W E[x_f] - W' E[x_q], so that the outputs' means are those of the original.
// No step is taken that raises the error under H, per output with grids, in all with tables; so it
// is never above that of plain rounding. Everything is the same to the bit on any number of threads
// and on every instruction set.
#ifndef NBITS_QUANTIZE_CALIBRATE_CALIBRATOR_H_
#define NBITS_QUANTIZE_CALIBRATE_CALIBRATOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/packed_tensor.h"
#include "nbits/quantize.h"
#include "quantize/calibrate/moments/matrix_layout.h"
#include "quantize/calibrate/moments/second_moments.h"

namespace nbits {

// Damping and effort. All dampings are parts of the mean diagonal of H.
struct CalibrateOptions {
  double target_damping = 0.05;    // Of the target: moments of few pictures are noisy.
  double rounding_damping = 0.01;  // Of the Cholesky factor that rounding goes by.
  double descent_damping = 1e-4;   // Of H in coordinate descent.
  int rounds = 2;                  // Of rounding, descent and least squares, at most.
  int sweeps = 2;                  // Of coordinate descent between two fits, at most.
  int chain_sweeps = 2;            // Of descent by chains of codes, likewise.
};

// Sums over outputs of mean squared errors of an output, after the means have been made equal.
struct CalibratedErrors {
  double signal = 0;      // tr(W* H W*^T): the outputs' variances.
  double plain = 0;       // Of the weights as Quantize rounds them.
  double calibrated = 0;  // Of the result; at most `plain`.
};

struct Calibrated {
  PackedTensor tensor;            // As Quantize makes it, by the same options.
  std::vector<float> bias_shift;  // [groups * outputs]: to be added to the bias.
  CalibratedErrors errors;
  bool is_plain = false;  // Plain rounding was not improved upon: `tensor` is Quantize's.
};

// What is known of one layer. Made once, then asked for one form or several.
class Calibrator {
 public:
  // `values` are a tensor's, row-major in `shape`, `layout` says how they make matrices, and
  // `moments` has one entry a group; it is moved from, because it is large. Works the target out.
  // InvalidArgument: the layout leaves the tensor, counts that do not fit, moments that are not
  // valid; FailedPrecondition: values or moments that are not finite, or no position was counted;
  // ResourceExhausted.
  static absl::StatusOr<Calibrator> Make(std::span<const float> values, const Shape& shape,
                                         const MatrixLayout& layout,
                                         std::vector<SecondMoments> moments,
                                         const CalibrateOptions& options = {});
  // Bytes that Make and Quantize take beside `values` and `moments`, at most.
  static int64_t Bytes(const MatrixLayout& layout);

  Calibrator(Calibrator&&) noexcept;
  Calibrator& operator=(Calibrator&&) noexcept;
  ~Calibrator();

  // The values in a form: kLinear, kLinearSymmetric, kLinearLut, kKMeansLut, kCustomLut, 1 to 8
  // bits. `options.channel_axis` must be that of the outputs where `per_channel` is set (outputs of
  // several groups may share a channel); `range` and `rounding` are those of the plain form that is
  // compared with; `importance` is not looked at (H says it). InvalidArgument for other options,
  // FailedPrecondition as Quantize.
  absl::StatusOr<Calibrated> Quantize(const QuantizeOptions& options) const;

  // The target W*, row-major in the tensor's shape: what Quantize rounds.
  std::vector<float> Target() const;

  // The error under H of other values in the tensor's shape, as CalibratedErrors has it.
  double ErrorOf(std::span<const float> values) const;

  // What has to be added to the bias with `values` in the place of the original ones.
  std::vector<float> BiasShift(std::span<const float> values) const;

 private:
  struct Problem;
  explicit Calibrator(std::unique_ptr<Problem> problem);
  std::unique_ptr<Problem> problem_;
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_CALIBRATOR_H_

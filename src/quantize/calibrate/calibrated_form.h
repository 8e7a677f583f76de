// SPDX-License-Identifier: Apache-2.0
// One form of a layer's weights.
#ifndef NBITS_QUANTIZE_CALIBRATE_CALIBRATED_FORM_H_
#define NBITS_QUANTIZE_CALIBRATE_CALIBRATED_FORM_H_

#include <span>

#include "absl/status/statusor.h"
#include "nbits/quantize.h"
#include "quantize/calibrate/calibrator.h"
#include "quantize/calibrate/layer_problem.h"

namespace nbits {

// Calibrator::Quantize, without the shift of the bias. `values` are the original ones.
absl::StatusOr<Calibrated> CalibratedForm(const LayerProblem& problem,
                                          std::span<const float> values, const Shape& shape,
                                          const QuantizeOptions& options);

// By lane, in the problem's units: the error under H of values in the tensor's order.
std::vector<double> ErrorsUnderMoments(const LayerProblem& problem, std::span<const float> values);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_CALIBRATED_FORM_H_

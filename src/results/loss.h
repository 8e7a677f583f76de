// SPDX-License-Identifier: Apache-2.0
// What a variant loses in a measure, and how much it may lose.
#ifndef NBITS_RESULTS_LOSS_H_
#define NBITS_RESULTS_LOSS_H_

#include <optional>
#include <vector>

#include "nbits/results.h"
#include "results/metric_fields.h"

namespace nbits {

// Loss of a variant in `measure`, larger is worse; -infinity of equal outputs in decibels; none
// when it was not measured.
std::optional<double> LossIn(const MetricField& measure, const VariantResult& original,
                             const VariantResult& variant);
// The same at the worse and at the better end of the interval; as measured where there is none.
std::optional<double> WorstLossIn(const MetricField& measure, const VariantResult& original,
                                  const VariantResult& variant);
std::optional<double> BestLossIn(const MetricField& measure, const VariantResult& original,
                                 const VariantResult& variant);

// What may be lost unless another loss is stated.
double UsualLoss(const MetricField& measure);
// Other allowed losses that a reader may want to try, least first, `stated` among them.
std::vector<double> AllowedLosses(const MetricField& measure, double stated);

// Limits that make up "good enough" beside the allowed loss itself.
double LeastAgreement(double allowed_loss);      // Below it a kept score is luck.
double LeastAgreementMiou(double allowed_loss);  // Below it only the background agrees.

}  // namespace nbits

#endif  // NBITS_RESULTS_LOSS_H_

// SPDX-License-Identifier: Apache-2.0
#include "results/loss.h"

#include <algorithm>

#include "results/at_most.h"

namespace nbits {
namespace {

constexpr double kMostDisagreement = 10;  // With the original, in allowed losses.
constexpr double kOtherShapes = 10;       // Likewise, of agreement mIoU,
constexpr double kLeastShapeLoss = 0.01;  // of an allowed loss of at least this.

std::optional<double> EndOfLoss(const MetricField& measure, const VariantResult& original,
                                const VariantResult& variant, double Interval::*end) {
  const std::optional<double> loss = LossIn(measure, original, variant);
  const auto found = variant.intervals.find(measure.name);
  if (!loss || *loss == -kInfinite || found == variant.intervals.end()) return loss;
  return -(found->second.*end);
}

}  // namespace

double UsualLoss(const MetricField& measure) {
  if (measure.unit == Unit::kDecibels) return -40;
  return measure.reference == Against::kTruth ? 0.005 : 0.01;
}

std::optional<double> LossIn(const MetricField& measure, const VariantResult& original,
                             const VariantResult& variant) {
  if (measure.unit == Unit::kDecibels && variant.metrics.max_relative_difference == 0) {
    return -kInfinite;  // Equal outputs.
  }
  const auto& value = variant.metrics.*measure.member;
  if (!value) return std::nullopt;
  if (measure.unit == Unit::kDecibels) return -*value;
  if (measure.reference == Against::kOriginal) return 1 - *value;
  const auto& before = original.metrics.*measure.member;
  return before ? std::optional<double>(*before - *value) : std::nullopt;
}

std::optional<double> WorstLossIn(const MetricField& measure, const VariantResult& original,
                                  const VariantResult& variant) {
  return EndOfLoss(measure, original, variant, &Interval::low);
}

std::optional<double> BestLossIn(const MetricField& measure, const VariantResult& original,
                                 const VariantResult& variant) {
  return EndOfLoss(measure, original, variant, &Interval::high);
}

double LeastAgreement(double allowed_loss) { return 1 - kMostDisagreement * allowed_loss; }

double LeastAgreementMiou(double allowed_loss) {
  return 1 - kOtherShapes * std::max(allowed_loss, kLeastShapeLoss);
}

std::vector<double> AllowedLosses(const MetricField& measure, double stated) {
  std::vector<double> losses = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05};
  if (measure.unit == Unit::kDecibels) losses = {-60, -50, -40, -30, -20};
  const auto same = [&](double each) { return SameFigure(each, stated); };
  if (std::none_of(losses.begin(), losses.end(), same)) losses.push_back(stated);
  std::sort(losses.begin(), losses.end());
  return losses;
}

}  // namespace nbits

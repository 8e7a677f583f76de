// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "nbits/metrics.h"

namespace nbits {
namespace {

constexpr double kCoremltoolsFloor = 1e-7;  // compare_models adds it to the noise power.
constexpr double kFloor = 1e-12;            // Of the signal, or of the peak: 120 dB at most.
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Infinite where exactly one is NaN; 0 where both are, or both the same infinity.
double Error(float original, float variant) {
  if (std::isnan(original) && std::isnan(variant)) return 0;
  if (original == variant) return 0;
  const double error = static_cast<double>(original) - variant;
  return std::isnan(error) ? kInfinity : error;
}

double Decibels(double ratio) { return 10 * std::log10(ratio); }

// Sums of the variant, which only coremltools' figures ask for.
struct VariantPower {
  double signal = 0, peak = 0;
};

void Add(float original, float variant, ArrayDifference& result, VariantPower& other) {
  const double error = Error(original, variant);
  result.noise += error * error;
  result.max_difference = std::max(result.max_difference, std::abs(error));
  const double power = double{variant} * variant;
  other.signal += power;
  other.peak = std::max(other.peak, power);
  if (!std::isfinite(original)) return;
  result.signal += double{original} * original;
  result.peak = std::max(result.peak, std::abs(double{original}));
}

}  // namespace

double DecibelsBelow(double noise, double reference) {
  if (noise == 0) return kInfinity;
  if (!(reference > 0) || !std::isfinite(noise)) return -kInfinity;
  return Decibels(reference / (noise + kFloor * reference));
}

absl::StatusOr<ArrayDifference> CompareArrays(const Tensor& original, const Tensor& variant) {
  if (original.values.size() != variant.values.size() || original.values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("arrays of ", original.values.size(), " and ",
                                                   variant.values.size(),
                                                   " values cannot be compared"));
  }
  ArrayDifference result;
  VariantPower other;
  for (size_t i = 0; i < original.values.size(); ++i) {
    Add(original.values[i], variant.values[i], result, other);
  }
  result.count = static_cast<int64_t>(original.values.size());
  const double count = static_cast<double>(result.count), noise = result.noise / count;
  result.snr_db = DecibelsBelow(noise, result.signal / count);
  result.psnr_db = DecibelsBelow(noise, result.peak * result.peak);
  result.coremltools_snr_db = Decibels(other.signal / count / (noise + kCoremltoolsFloor));
  result.coremltools_psnr_db = Decibels(other.peak / (noise + kCoremltoolsFloor));
  result.max_relative_difference = result.max_difference / (result.peak > 0 ? result.peak : 1);
  return result;
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "nbits/metrics.h"

namespace nbits {
namespace {

constexpr double kNoiseFloor = 1e-7;  // coremltools' compare_models adds it to the noise power.

// Infinite where exactly one is NaN; 0 where both are, or both the same infinity.
double Error(float original, float variant) {
  if (std::isnan(original) && std::isnan(variant)) return 0;
  if (original == variant) return 0;
  const double error = static_cast<double>(original) - variant;
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

double Decibels(double ratio) { return 10 * std::log10(ratio); }

}  // namespace

absl::StatusOr<ArrayDifference> CompareArrays(const Tensor& original, const Tensor& variant) {
  if (original.values.size() != variant.values.size() || original.values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("arrays of ", original.values.size(), " and ",
                                                   variant.values.size(),
                                                   " values cannot be compared"));
  }
  double noise = 0, signal = 0, peak = 0, largest = 0;
  ArrayDifference result;
  for (size_t i = 0; i < original.values.size(); ++i) {
    const double error = Error(original.values[i], variant.values[i]);
    const double power = double{variant.values[i]} * variant.values[i];
    noise += error * error;
    signal += power;
    peak = std::max(peak, power);
    largest = std::max(largest, std::abs(double{original.values[i]}));
    result.max_difference = std::max(result.max_difference, std::abs(error));
  }
  const double count = static_cast<double>(original.values.size());
  const double noise_power = noise / count + kNoiseFloor;
  result.snr_db = Decibels(signal / count / noise_power);
  result.psnr_db = Decibels(peak / noise_power);
  result.max_relative_difference = result.max_difference / (largest > 0 ? largest : 1);
  return result;
}

}  // namespace nbits

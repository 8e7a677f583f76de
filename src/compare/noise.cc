// SPDX-License-Identifier: Apache-2.0
#include "compare/noise.h"

#include <cmath>

#include "results/metric_fields.h"

namespace nbits {

NoiseFloor NoiseBetween(const VariantResult& first, const VariantResult& second) {
  NoiseFloor noise;
  if (first.median_ms.value_or(0) > 0 && second.median_ms) {
    noise.time_ratio_spread = std::abs(*second.median_ms / *first.median_ms - 1);
  }
  if (first.peak_memory_bytes.value_or(0) > 0 && second.peak_memory_bytes) {
    noise.memory_ratio_spread = std::abs(static_cast<double>(*second.peak_memory_bytes) /
                                             static_cast<double>(*first.peak_memory_bytes) -
                                         1);
  }
  for (const MetricField& field : kMetricFields) {
    const auto &a = first.metrics.*field.member, &b = second.metrics.*field.member;
    if (a && b) noise.metrics.*field.member = std::abs(*a - *b);
  }
  return noise;
}

}  // namespace nbits

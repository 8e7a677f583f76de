// SPDX-License-Identifier: Apache-2.0
// The fractions and decibels of ResultMetrics with their names in results.json, in its order.
#ifndef NBITS_SRC_COMPARE_METRIC_FIELDS_H_
#define NBITS_SRC_COMPARE_METRIC_FIELDS_H_

#include "nbits/results.h"

namespace nbits {

struct MetricField {
  using Member = std::optional<double> ResultMetrics::*;
  const char* name;
  Member member;
};

inline constexpr MetricField kMetricFields[] = {
    {"agreement", &ResultMetrics::agreement},
    {"agreement_miou", &ResultMetrics::agreement_miou},
    {"miou", &ResultMetrics::miou},
    {"iou", &ResultMetrics::iou},
    {"pixel_accuracy", &ResultMetrics::pixel_accuracy},
    {"boundary_f", &ResultMetrics::boundary_f},
    {"agreement_boundary_f", &ResultMetrics::agreement_boundary_f},
    {"top1", &ResultMetrics::top1},
    {"top5", &ResultMetrics::top5},
    {"top1_agreement", &ResultMetrics::top1_agreement},
    {"top5_agreement", &ResultMetrics::top5_agreement},
    {"snr_db", &ResultMetrics::snr_db},
    {"psnr_db", &ResultMetrics::psnr_db},
    {"max_relative_difference", &ResultMetrics::max_relative_difference},
};

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_METRIC_FIELDS_H_

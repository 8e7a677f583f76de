// SPDX-License-Identifier: Apache-2.0
// The range of a linear grid that no one asked for.
#ifndef NBITS_COMPRESS_DEFAULT_RANGE_H_
#define NBITS_COMPRESS_DEFAULT_RANGE_H_

#include "nbits/plan.h"

namespace nbits {

// Policy::kCoremltools: kCoremltools. Policy::kBulk: the range with the least squared error;
// kMinMax for channels of more than kLongChannel weights that get kFineBits or more, where a
// clipped range gains little and finding it would take half as long as all else.
Range DefaultRange(const WeightRef& weight, const PlanEntry& entry, Policy policy);

inline constexpr int64_t kLongChannel = 1024;
inline constexpr int kFineBits = 7;

}  // namespace nbits

#endif  // NBITS_COMPRESS_DEFAULT_RANGE_H_

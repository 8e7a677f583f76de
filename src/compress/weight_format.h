// SPDX-License-Identifier: Apache-2.0
// What is a valid form for a weight.
#ifndef NBITS_COMPRESS_WEIGHT_FORMAT_H_
#define NBITS_COMPRESS_WEIGHT_FORMAT_H_

#include "absl/status/status.h"
#include "nbits/plan.h"

namespace nbits {

// InvalidArgument for bits that the mode does not have. kCustomLut may have 0: the fewest that its
// table needs.
absl::Status CheckFormat(const WeightFormat& format);

}  // namespace nbits

#endif  // NBITS_COMPRESS_WEIGHT_FORMAT_H_

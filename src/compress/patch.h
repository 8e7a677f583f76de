// SPDX-License-Identifier: Apache-2.0
// Whether what calibration made of a weight can take its place.
#ifndef NBITS_COMPRESS_PATCH_H_
#define NBITS_COMPRESS_PATCH_H_

#include "absl/status/status.h"
#include "nbits/plan.h"

namespace nbits {

// InvalidArgument, naming the weight, when the entry has a patch that is damaged, was made from
// another weight, or is of another form than the entry says.
absl::Status CheckPatch(const WeightRef& weight, const PlanEntry& entry);

}  // namespace nbits

#endif  // NBITS_COMPRESS_PATCH_H_

// SPDX-License-Identifier: Apache-2.0
// What the ids of given masks might mean, where taken as they are they make no sense.
#ifndef NBITS_COMPARE_JUDGE_MASK_PROPOSAL_H_
#define NBITS_COMPARE_JUDGE_MASK_PROPOSAL_H_

#include <optional>
#include <string>

#include "nbits/metrics.h"

namespace nbits {

// `original`: the original's classes by the masks' ids. A value for --mask-map under which each id
// means the class that it overlaps with most, in intersection over union, and ids that overlap with
// none are ignored; nullopt unless mean IoU is at least doubled by it.
std::optional<std::string> ProposeMaskMap(const ConfusionMatrix& original);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_MASK_PROPOSAL_H_

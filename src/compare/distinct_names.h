// SPDX-License-Identifier: Apache-2.0
// Names for the rows of a comparison.
#ifndef NBITS_COMPARE_DISTINCT_NAMES_H_
#define NBITS_COMPARE_DISTINCT_NAMES_H_

#include <string>
#include <vector>

#include "nbits/compare.h"

namespace nbits {

// The names of `models` (their files' without extension where they have none), in the same order,
// made distinct where needed: "a", "a (2)", ...
std::vector<std::string> DistinctNames(const std::vector<CompareModel>& models);

}  // namespace nbits

#endif  // NBITS_COMPARE_DISTINCT_NAMES_H_

// SPDX-License-Identifier: Apache-2.0
// What must be equal for a comparison to be the same one.
#ifndef NBITS_SRC_COMPARE_FINGERPRINT_H_
#define NBITS_SRC_COMPARE_FINGERPRINT_H_

#include <string>
#include <vector>

#include "compare/results_to_json.h"
#include "nbits/compare.h"

namespace nbits {

// The models by the bytes of their files, the pictures by name and size, and the options that
// change a figure.
Json Fingerprint(const CompareOptions& options, const std::vector<std::string>& pictures, int runs);

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_FINGERPRINT_H_

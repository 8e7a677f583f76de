// SPDX-License-Identifier: Apache-2.0
// Which variant to take: the rule of docs/results.md, "The verdict". Decided here and nowhere else.
#ifndef NBITS_RESULTS_VERDICT_H_
#define NBITS_RESULTS_VERDICT_H_

#include <optional>

#include "nbits/results.h"

namespace nbits {

// Nothing when no measure can be judged. `allowed_loss` in the measure's unit; none: its usual one.
std::optional<Verdict> MakeVerdict(const Results& results, std::optional<double> allowed_loss);

const char* StandingName(Standing standing);

}  // namespace nbits

#endif  // NBITS_RESULTS_VERDICT_H_

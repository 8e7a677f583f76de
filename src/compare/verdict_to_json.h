// SPDX-License-Identifier: Apache-2.0
// What results.json says of its measures and of the verdict.
#ifndef NBITS_SRC_COMPARE_VERDICT_TO_JSON_H_
#define NBITS_SRC_COMPARE_VERDICT_TO_JSON_H_

#include "compare/results_to_json.h"
#include "nbits/results.h"

namespace nbits {

// The measures that some variant has, as every form of the results speaks of them.
Json MeasuresToJson(const Results& results);

// With its words, and what other allowed losses would lead to; null without one.
Json VerdictToJson(const Results& results);

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_VERDICT_TO_JSON_H_

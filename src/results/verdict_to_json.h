// SPDX-License-Identifier: Apache-2.0
// What results.json says of its measures and of the verdict.
#ifndef NBITS_RESULTS_VERDICT_TO_JSON_H_
#define NBITS_RESULTS_VERDICT_TO_JSON_H_

#include "nbits/results.h"
#include "results/results_to_json.h"

namespace nbits {

// The measures that some variant has, as every form of the results speaks of them.
Json MeasuresToJson(const Results& results);

// With its words, and what other allowed losses would lead to; null without one.
Json VerdictToJson(const Results& results);

}  // namespace nbits

#endif  // NBITS_RESULTS_VERDICT_TO_JSON_H_

// SPDX-License-Identifier: Apache-2.0
// Rules that name nothing in the model: mistyped, or meant for another one.
#ifndef NBITS_COMPRESS_PLAN_RULE_NAMES_H_
#define NBITS_COMPRESS_PLAN_RULE_NAMES_H_

#include <vector>

#include "absl/status/status.h"
#include "formats/neural_network/layer_facts.h"
#include "nbits/model.h"
#include "nbits/plan.h"

namespace nbits {

// InvalidArgument for the first pattern of `options` that is no weight's and no layer's, with the
// nearest names, and where no layer with weights is of a type that rules, or the condition on
// types, ask for, with the types that there are. Types to be skipped may be absent. `facts` are
// those of the model's weights.
absl::Status CheckRuleNames(const Model& model, const std::vector<LayerFacts>& facts,
                            const CompressOptions& options);

}  // namespace nbits

#endif  // NBITS_COMPRESS_PLAN_RULE_NAMES_H_

// SPDX-License-Identifier: Apache-2.0
// Which weights are quantized when no rule names them: policies and conditions.
#ifndef NBITS_COMPRESS_PLAN_SELECTION_H_
#define NBITS_COMPRESS_PLAN_SELECTION_H_

#include <string>

#include "formats/neural_network/layer_facts.h"
#include "nbits/plan.h"

namespace nbits {

// The functions return why a weight is left alone, "" when it is not.

std::string PolicyReason(const WeightRef& weight, Policy policy);
std::string ConditionReason(const WeightRef& weight, const LayerFacts& facts,
                            const Conditions& conditions);
// Its present form: coremltools quantizes Float32 only; kBulk all but what is in `format` already.
std::string SchemeReason(const WeightRef& weight, const WeightFormat& format, Policy policy);

// Whether `type` (of Conditions and CompressOptions::types) means this weight or its layer.
bool IsOfType(const WeightRef& weight, const LayerFacts& facts, const std::string& type);
// Whether it can mean any weight at all.
bool IsKnownType(const std::string& type);
std::string KnownTypes();  // All of them, for messages.

}  // namespace nbits

#endif  // NBITS_COMPRESS_PLAN_SELECTION_H_

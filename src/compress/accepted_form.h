// SPDX-License-Identifier: Apache-2.0
// Plans that give each weight a form that Core ML takes
// (formats/neural_network/weights/weight_forms.h).
#ifndef NBITS_COMPRESS_ACCEPTED_FORM_H_
#define NBITS_COMPRESS_ACCEPTED_FORM_H_

#include <vector>

#include "absl/status/status.h"
#include "formats/neural_network/layer_facts.h"
#include "nbits/plan.h"

namespace nbits {

// What a weight's present or future form comes from; the later ones weigh more.
enum class Claim : uint8_t {
  kLeft,   // Nobody asked for anything: a policy or a condition left it alone.
  kAsked,  // The options' mode, or a rule for its layer.
  kNamed,  // A rule for this very weight.
  kFixed,  // Asked to be kept.
};

// Where Core ML does not take the entry's form in the weight's layer, the nearest that it takes:
// Float16 instead of quantized if it is at hand and holds the values, otherwise none (the weight is
// kept). `entry.refused` then says so. Errors of Dequantize.
absl::Status GiveAcceptedForm(const WeightRef& weight, const LayerFacts& facts, PlanEntry& entry);

// Gives the weights of each layer forms that Core ML takes beside each other: the one with the
// greatest claim decides, the others follow, and their `refused` says so. A kernel that nobody
// asked to change decides over vectors. What is stored side by side in the file and not to be
// changed stays. InvalidArgument when two rules that name weights of one layer contradict each
// other.
absl::Status MakePartnersAgree(const Model& model, const std::vector<LayerFacts>& facts,
                               const std::vector<Claim>& claims, std::vector<PlanEntry>& entries);

// InvalidArgument, naming the weight, for a plan that would store a weight in a form that Core ML
// does not take, alone or beside its partners; what is so already in the model may stay.
absl::Status CheckForms(const Model& model, const std::vector<LayerFacts>& facts,
                        const std::vector<PlanEntry>& entries);

}  // namespace nbits

#endif  // NBITS_COMPRESS_ACCEPTED_FORM_H_

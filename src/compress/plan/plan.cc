// SPDX-License-Identifier: Apache-2.0
// Makes plans: for every weight the form that options, rules and policy ask for.
#include <algorithm>
#include <bit>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compress/accepted_form.h"
#include "compress/balanced_weights.h"
#include "compress/default_range.h"
#include "compress/half_vectors.h"
#include "compress/plan/rule_names.h"
#include "compress/plan/selection.h"
#include "formats/name_pattern.h"
#include "formats/neural_network/layer_facts.h"
#include "nbits/plan.h"

namespace nbits {
namespace {

// What is to become of one weight, and whether a rule names this very weight.
struct Choice {
  WeightFormat format;
  bool named = false;
  bool by_rule = true;
};

// A type without kernels ("batchnorm", "bias") means its vectors; of others it only sets the form.
bool NamesVectors(const WeightRef& weight, const LayerFacts& facts, const std::string& type) {
  return !facts.has_kernel || (type == "bias" && weight.layer_type != "bias");
}

Choice ChoiceFor(const WeightRef& weight, const LayerFacts& facts, const CompressOptions& options) {
  Choice choice{{.keep = options.only_rules, .mode = options.mode, .bits = options.bits}};
  choice.by_rule = false;
  if (options.mode == Mode::kFloat32) choice.format.bits = 32;
  for (const auto& [type, format] : options.types) {
    if (IsOfType(weight, facts, type)) choice = {format, NamesVectors(weight, facts, type)};
  }
  for (const NamedFormat& rule : options.layers) {
    if (MatchesLayer(rule.pattern, weight)) {
      choice = {rule.format};
    } else if (MatchesWeight(rule.pattern, weight)) {
      choice = {rule.format, true};
    }
  }
  return choice;
}

bool IsKeptByName(const WeightRef& weight, const CompressOptions& options) {
  return std::any_of(options.keep.begin(), options.keep.end(),
                     [&](const std::string& pattern) { return MatchesWeight(pattern, weight); });
}

std::string SelectionReason(const WeightRef& weight, const LayerFacts& facts,
                            const CompressOptions& options) {
  if (std::string reason = PolicyReason(weight, options.policy); !reason.empty()) return reason;
  std::string reason = ConditionReason(weight, facts, options.conditions);
  if (!reason.empty()) return reason;
  return options.select && !options.select(weight) ? "not selected" : "";
}

// Why the weight is kept, "" when it is not. Restoring Float32 is for all weights alike.
std::string KeepReason(const WeightRef& weight, const LayerFacts& facts, const Choice& choice,
                       const CompressOptions& options) {
  if (IsKeptByName(weight, options)) return "asked for";
  if (choice.format.keep) return choice.by_rule ? "asked for" : "no rule names it";
  if (choice.format.mode != Mode::kFloat32) {
    if (facts.unused) return "its layer does not use it";
    if (!choice.named) {
      std::string reason = SelectionReason(weight, facts, options);
      if (!reason.empty()) return reason;
    }
  }
  return SchemeReason(weight, choice.format, options.policy);
}

// Whether this vector, which the policy leaves in floats, may be stored in Float16.
bool MayBeHalf(const Model& model, const WeightRef& weight, const LayerFacts& facts,
               const CompressOptions& options) {
  const Choice choice = ChoiceFor(weight, facts, options);
  const bool is_asked_for = IsKeptByName(weight, options) || choice.format.keep || choice.named ||
                            choice.format.mode == Mode::kFloat32;
  if (IsFineTable(choice.format)) return false;
  if (options.policy != Policy::kBulk || is_asked_for || facts.unused ||
      model.description().updatable) {
    return false;
  }
  const bool is_selected = ConditionReason(weight, facts, options.conditions).empty() &&
                           (!options.select || options.select(weight));
  return is_selected && weight.tensor.scheme == Scheme::kFloat32 && IsHalfVector(weight);
}

const NamedTable* TableFor(const WeightRef& weight, const CompressOptions& options) {
  const NamedTable* found = nullptr;
  for (const NamedTable& table : options.tables) {
    if (MatchesWeight(table.pattern, weight)) found = &table;
  }
  return found;
}

// Fills in table and bits; keeps weights for which there is no table.
absl::Status SetTable(const WeightRef& weight, const CompressOptions& options, PlanEntry& entry) {
  const NamedTable* named = TableFor(weight, options);
  if (named == nullptr) {
    entry.keep = options.table_function == nullptr;
    if (entry.keep) entry.reason = "no table for it";
    if (entry.bits == 0) entry.bits = 8;
    return absl::OkStatus();
  }
  const size_t entries = named->table.size();
  if (entry.bits == 0) entry.bits = std::max(1, static_cast<int>(std::bit_width(entries - 1)));
  if (entries > size_t{1} << entry.bits) {
    return absl::InvalidArgumentError(absl::StrCat("a table of ", entries, " entries for ",
                                                   weight.path, " takes more than ", entry.bits,
                                                   " bits"));
  }
  entry.table = named->table;
  return absl::OkStatus();
}

// coremltools knows no other range than its own.
Range RangeFor(const WeightRef& weight, const PlanEntry& entry, const CompressOptions& options) {
  if (!options.range || options.policy == Policy::kCoremltools) {
    return DefaultRange(weight, entry, options.policy);
  }
  return *options.range;
}

Rounding RoundingFor(const WeightRef& weight, const PlanEntry& entry,
                     const CompressOptions& options) {
  if (!HasBalancedRounding(weight, entry)) return Rounding::kNearest;
  return options.rounding.value_or(options.policy == Policy::kBulk ? Rounding::kBalanced
                                                                   : Rounding::kNearest);
}

Claim ClaimOf(const WeightRef& weight, const PlanEntry& entry, const Choice& choice,
              const CompressOptions& options) {
  if (IsKeptByName(weight, options) || (choice.format.keep && choice.by_rule)) return Claim::kFixed;
  if (choice.named) return Claim::kNamed;
  return entry.keep ? Claim::kLeft : Claim::kAsked;
}

absl::StatusOr<PlanEntry> EntryFor(const WeightRef& weight, const LayerFacts& facts,
                                   const CompressOptions& options, Claim& claim) {
  const Choice choice = ChoiceFor(weight, facts, options);
  PlanEntry entry{.path = weight.path, .mode = choice.format.mode, .bits = choice.format.bits};
  entry.per_channel = weight.role == WeightRole::kKernel;
  entry.range = RangeFor(weight, entry, options);
  entry.rounding = RoundingFor(weight, entry, options);
  entry.reason = KeepReason(weight, facts, choice, options);
  entry.keep = !entry.reason.empty();
  if (!entry.keep && entry.mode == Mode::kCustomLut) {
    NBITS_RETURN_IF_ERROR(SetTable(weight, options, entry));
  }
  claim = ClaimOf(weight, entry, choice, options);
  NBITS_RETURN_IF_ERROR(GiveAcceptedForm(weight, facts, entry));
  return entry;
}

absl::Status CheckUpdatable(const Model& model, const Plan& plan) {
  if (!model.description().updatable) return absl::OkStatus();
  const bool any_half = std::any_of(
      plan.entries.begin(), plan.entries.end(),
      [](const PlanEntry& entry) { return !entry.keep && entry.mode == Mode::kFloat16; });
  if (!any_half) return absl::OkStatus();
  return absl::InvalidArgumentError("an updatable model cannot have Float16 weights");
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const Model& model, const CompressOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckOptions(options));
  const std::vector<LayerFacts> facts = FactsOfWeights(model);
  NBITS_RETURN_IF_ERROR(CheckRuleNames(model, facts, options));
  Plan plan;
  plan.on_overflow = options.on_overflow;
  std::vector<bool> may_be_half;
  std::vector<Claim> claims(model.weights().size());
  for (size_t i = 0; i < model.weights().size(); ++i) {
    const WeightRef& weight = model.weights()[i];
    NBITS_ASSIGN_OR_RETURN(plan.entries.emplace_back(),
                           EntryFor(weight, facts[i], options, claims[i]));
    may_be_half.push_back(MayBeHalf(model, weight, facts[i], options));
  }
  NBITS_RETURN_IF_ERROR(UseHalfVectors(model, facts, may_be_half, plan.entries));
  NBITS_RETURN_IF_ERROR(MakePartnersAgree(model, facts, claims, plan.entries));
  NBITS_RETURN_IF_ERROR(CheckUpdatable(model, plan));
  return plan;
}

}  // namespace nbits

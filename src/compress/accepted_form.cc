// SPDX-License-Identifier: Apache-2.0
#include "compress/accepted_form.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compress/half_vectors.h"
#include "compress/weight_format.h"
#include "formats/neural_network/weights/weight_forms.h"

namespace nbits {
namespace {

WeightForm FormOfMode(Mode mode) {
  if (mode == Mode::kFloat32) return WeightForm::kFloat32;
  return mode == Mode::kFloat16 ? WeightForm::kFloat16 : WeightForm::kQuantized;
}

WeightForm FormAfter(const WeightRef& weight, const PlanEntry& entry) {
  return entry.keep ? FormOf(weight.tensor) : FormOfMode(entry.mode);
}

// "" when Core ML takes the form in that place. Float16 in updatable models is another matter
// (MakePlan).
std::string Refusal(const WeightRef& weight, const LayerFacts& facts, WeightForm form) {
  if (facts.updatable && form == WeightForm::kQuantized) {
    return "its layer is updatable, and Core ML takes no quantized weights there";
  }
  return FormRefusal(weight.layer_type, weight.field, form);
}

void MakeFloat(WeightForm form, PlanEntry& entry) {
  entry.keep = false;
  entry.mode = form == WeightForm::kFloat16 ? Mode::kFloat16 : Mode::kFloat32;
  entry.bits = form == WeightForm::kFloat16 ? 16 : 32;
  entry.table.clear();
  entry.reason.clear();
}

void Keep(const std::string& reason, PlanEntry& entry) {
  entry.keep = true;
  entry.reason = entry.refused = reason;
}

// The weights of one layer that are checked together.
class Partners {
 public:
  Partners(const Model& model, const std::vector<LayerFacts>& facts,
           const std::vector<PlanEntry>& entries, size_t begin, size_t end)
      : weights_(model.weights()), entries_(entries) {
    for (size_t i = begin; i < end; ++i) {
      if (!facts[i].unchecked) members_.push_back(i);
    }
  }

  const std::vector<size_t>& members() const { return members_; }
  absl::string_view type() const { return weights_[members_[0]].layer_type; }
  Together rule() const { return LayerFormsOf(type()).together; }
  WeightForm After(size_t i) const { return FormAfter(weights_[i], entries_[i]); }

  bool AreRefused(bool as_stored) const {
    if (members_.empty()) return false;
    std::vector<WeightForm> forms;
    bool quantized = false;
    for (const size_t i : members_) {
      forms.push_back(as_stored ? FormOf(weights_[i].tensor) : After(i));
      quantized |=
          weights_[i].role == WeightRole::kKernel && forms.back() == WeightForm::kQuantized;
    }
    return AreRefusedTogether(type(), forms, quantized);
  }

  bool AreChanged() const {
    return std::any_of(members_.begin(), members_.end(),
                       [this](size_t i) { return !entries_[i].keep; });
  }

  // Float16 beside Float32, whether the checks refuse it in layers of this type or not.
  bool AreMixed() const {
    const auto has = [this](WeightForm form) {
      return std::any_of(members_.begin(), members_.end(),
                         [&](size_t i) { return After(i) == form; });
    };
    return has(WeightForm::kFloat32) && has(WeightForm::kFloat16);
  }

 private:
  std::span<const WeightRef> weights_;
  const std::vector<PlanEntry>& entries_;
  std::vector<size_t> members_;
};

class Agreement {
 public:
  Agreement(const Model& model, const std::vector<Claim>& claims, const Partners& partners,
            std::vector<PlanEntry>& entries)
      : weights_(model.weights()), claims_(claims), partners_(partners), entries_(entries) {}

  absl::Status OnOneFloat() {
    const size_t full = Strongest(WeightForm::kFloat32), half = Strongest(WeightForm::kFloat16);
    NBITS_RETURN_IF_ERROR(CheckClaims(full, half));
    if (claims_[full] == claims_[half] && claims_[full] != Claim::kAsked) return absl::OkStatus();
    size_t winner = claims_[full] > claims_[half] ? full : half;
    for (const size_t i : partners_.members()) {
      const bool is_kernel = weights_[i].role == WeightRole::kKernel;
      const WeightForm form = partners_.After(i);
      const bool is_float = form == WeightForm::kFloat32 || form == WeightForm::kFloat16;
      if (is_kernel && is_float && claims_[i] == Claim::kLeft) winner = i;
    }
    Follow(winner, partners_.After(winner));
    return absl::OkStatus();
  }

  absl::Status OnOneForm() {
    size_t winner = partners_.members()[0];
    for (const size_t i : partners_.members()) {
      if (claims_[i] > claims_[winner]) winner = i;
    }
    const WeightForm form = partners_.After(winner);
    for (const size_t i : partners_.members()) {
      if (partners_.After(i) == form || (entries_[i].keep && entries_[winner].keep)) continue;
      NBITS_RETURN_IF_ERROR(CheckClaims(winner, i));
      Copy(winner, i);
    }
    return absl::OkStatus();
  }

 private:
  // The member of that form with the greatest claim; there is one.
  size_t Strongest(WeightForm form) const {
    size_t strongest = kNone;
    for (const size_t i : partners_.members()) {
      if (partners_.After(i) != form) continue;
      if (strongest == kNone || claims_[i] > claims_[strongest]) strongest = i;
    }
    return strongest;
  }

  absl::Status CheckClaims(size_t one, size_t other) const {
    if (claims_[one] != Claim::kNamed || claims_[other] != Claim::kNamed) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        entries_[one].path, " is to be ", std::string(FormName(partners_.After(one))), " and ",
        entries_[other].path, " ", std::string(FormName(partners_.After(other))),
        ", which Core ML refuses beside each other"));
  }

  std::string Because(size_t winner, WeightForm form) const {
    return absl::StrCat(std::string(FormName(form)), " like ", entries_[winner].path,
                        ", since Core ML takes one precision in a layer");
  }

  void Follow(size_t winner, WeightForm form) {
    const WeightForm other =
        form == WeightForm::kFloat16 ? WeightForm::kFloat32 : WeightForm::kFloat16;
    for (const size_t i : partners_.members()) {
      if (partners_.After(i) != other || claims_[i] == Claim::kFixed) continue;
      PlanEntry& entry = entries_[i];
      if (FormOf(weights_[i].tensor) == form) {
        Keep(Because(winner, form), entry);
        continue;
      }
      MakeFloat(form, entry);
      entry.refused = Because(winner, form);
    }
  }

  void Copy(size_t winner, size_t follower) {
    const std::string because =
        absl::StrCat("stored like ", entries_[winner].path,
                     ", since Core ML takes the weights of the layer in one form only");
    PlanEntry entry = entries_[winner];
    entry.path = entries_[follower].path;
    entries_[follower] = std::move(entry);
    if (entries_[follower].keep) return Keep(because, entries_[follower]);
    entries_[follower].refused = because;
  }

  static constexpr size_t kNone = ~size_t{0};
  std::span<const WeightRef> weights_;
  const std::vector<Claim>& claims_;
  const Partners& partners_;
  std::vector<PlanEntry>& entries_;
};

// Calls visit(begin, end) for the weights of each layer.
template <typename Visit>
absl::Status ForEachLayer(const std::vector<LayerFacts>& facts, const Visit& visit) {
  for (size_t begin = 0, end = 0; begin < facts.size(); begin = end) {
    while (end < facts.size() && facts[end].layer == facts[begin].layer) ++end;
    NBITS_RETURN_IF_ERROR(visit(begin, end));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GiveAcceptedForm(const WeightRef& weight, const LayerFacts& facts, PlanEntry& entry) {
  if (entry.keep) return absl::OkStatus();
  const std::string refusal = Refusal(weight, facts, FormOfMode(entry.mode));
  if (refusal.empty()) return absl::OkStatus();
  const bool takes_half =
      !facts.is_in_updatable && entry.mode != Mode::kFloat16 &&
      weight.tensor.scheme == Scheme::kFloat32 &&
      FormRefusal(weight.layer_type, weight.field, WeightForm::kFloat16).empty();
  if (takes_half) {
    NBITS_ASSIGN_OR_RETURN(const bool fits, FitsFloat16(weight));
    if (fits) {
      MakeFloat(WeightForm::kFloat16, entry);
      entry.refused = absl::StrCat("Float16: ", refusal);
      return absl::OkStatus();
    }
  }
  Keep(refusal, entry);
  return absl::OkStatus();
}

absl::Status MakePartnersAgree(const Model& model, const std::vector<LayerFacts>& facts,
                               const std::vector<Claim>& claims, std::vector<PlanEntry>& entries) {
  return ForEachLayer(facts, [&](size_t begin, size_t end) {
    const Partners partners(model, facts, entries, begin, end);
    if (partners.members().size() < 2 || !partners.AreChanged()) return absl::OkStatus();
    Agreement agreement(model, claims, partners, entries);
    if (partners.rule() == Together::kOneForm) {
      return partners.AreRefused(false) ? agreement.OnOneForm() : absl::OkStatus();
    }
    const bool is_ruled = partners.rule() != Together::kFree;
    return is_ruled && partners.AreMixed() ? agreement.OnOneFloat() : absl::OkStatus();
  });
}

absl::Status CheckForms(const Model& model, const std::vector<LayerFacts>& facts,
                        const std::vector<PlanEntry>& entries) {
  return ForEachLayer(facts, [&](size_t begin, size_t end) -> absl::Status {
    for (size_t i = begin; i < end; ++i) {
      const PlanEntry& entry = entries[i];
      if (entry.keep) continue;
      const std::string refusal = Refusal(model.weights()[i], facts[i], FormOfMode(entry.mode));
      if (refusal.empty()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("the plan stores ", entry.path, " as ",
                       WeightFormatName({.mode = entry.mode, .bits = entry.bits}), ": ", refusal));
    }
    const Partners partners(model, facts, entries, begin, end);
    if (!partners.AreRefused(false) || partners.AreRefused(true)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the plan stores ", entries[partners.members()[0]].path,
                     " and its layer's other weights in forms that Core ML refuses beside each "
                     "other"));
  });
}

}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "tune/calibrate_layer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "compress/convert.h"
#include "nbits/quantize.h"
#include "quantize/calibrate/calibrator.h"
#include "tune/gather.h"
#include "tune/judge_layer.h"

namespace nbits {
namespace {

absl::StatusOr<std::vector<float>> Decode(const PackedTensor& tensor) {
  std::vector<float> values(static_cast<size_t>(ElementCount(tensor.shape).value_or(0)));
  NBITS_RETURN_IF_ERROR(Dequantize(tensor, values));
  return values;
}

// The entry that a bias has once it changes: in the form that it has or is to get.
PlanEntry BiasEntry(const WeightRef& bias, PlanEntry entry) {
  if (!entry.keep) return entry;
  entry.keep = false;
  entry.reason.clear();
  entry.mode = bias.tensor.scheme == Scheme::kFloat16 ? Mode::kFloat16 : Mode::kFloat32;
  entry.bits = bias.tensor.bits;
  return entry;
}

void SetPatch(const WeightRef& weight, PackedTensor tensor, PlanEntry& entry) {
  entry.patch = std::make_shared<const WeightPatch>(
      WeightPatch{std::move(tensor), WeightFingerprint(weight.tensor)});
}

// A layer's weight and bias as they are to be stored.
struct Proposal {
  PackedTensor weight;
  std::optional<PackedTensor> bias;  // Nothing: it stays as it is.
  std::vector<float> bias_values;    // As the network will see them.
};

// Without a bias that may change, the outputs' means are part of what weights have to reproduce:
// moments about 0 take the place of those about the mean.
void Uncentre(std::vector<SecondMoments>& moments) {
  for (SecondMoments& group : moments) {
    std::fill(group.sum.begin(), group.sum.end(), 0);
    std::fill(group.drift_sum.begin(), group.drift_sum.end(), 0);
  }
}

absl::Status ShiftBias(const Model& model, const Plan& plan, size_t bias,
                       const std::vector<float>& shift, Proposal& proposal) {
  const WeightRef& weight = model.weights()[bias];
  NBITS_ASSIGN_OR_RETURN(std::vector<float> values, Decode(weight.tensor));
  if (values.size() != shift.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(weight.path, " has ", values.size(), " values (expected ", shift.size(), ")"));
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] += shift[i];
  const PlanEntry entry = BiasEntry(weight, plan.entries[bias]);
  NBITS_ASSIGN_OR_RETURN(proposal.bias,
                         Quantize(values, weight.tensor.shape, QuantizeOptionsOf(weight, entry)));
  NBITS_ASSIGN_OR_RETURN(proposal.bias_values, Decode(*proposal.bias));
  return absl::OkStatus();
}

// Nothing: plain rounding is not improved upon.
absl::StatusOr<std::optional<Proposal>> Propose(const Model& model, const LayerPlace& place,
                                                const Plan& plan,
                                                std::vector<SecondMoments> moments,
                                                double target_damping,
                                                const std::vector<float>& old_bias) {
  const WeightRef& weight = model.weights()[place.weight];
  const MatrixLayout& layout = place.columns.layout();
  NBITS_RETURN_IF_ERROR(CheckMemory(Calibrator::Bytes(layout),
                                    absl::StrCat("calibrating layer '", weight.layer, "'")));
  if (!place.bias) Uncentre(moments);
  NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, Decode(weight.tensor));
  NBITS_ASSIGN_OR_RETURN(const Calibrator calibrator,
                         Calibrator::Make(values, weight.tensor.shape, layout, std::move(moments),
                                          {.target_damping = target_damping}));
  NBITS_ASSIGN_OR_RETURN(Calibrated calibrated, calibrator.Quantize(QuantizeOptionsOf(
                                                    weight, plan.entries[place.weight])));
  if (calibrated.is_plain) return std::nullopt;
  Proposal proposal;
  proposal.weight = std::move(calibrated.tensor);
  proposal.bias_values = old_bias;
  if (place.bias) {
    NBITS_RETURN_IF_ERROR(ShiftBias(model, plan, *place.bias, calibrated.bias_shift, proposal));
  }
  return proposal;
}

// What cannot be calculated is no reason to end the work: the layer is quantized without it.
bool IsOfTheValues(const absl::Status& status) {
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kInvalidArgument;
}

absl::Status Take(const Model& model, const LayerPlace& place, Proposal proposal, TwinWalk& walk,
                  Plan& plan) {
  SetPatch(model.weights()[place.weight], proposal.weight, plan.entries[place.weight]);
  NBITS_RETURN_IF_ERROR(walk.Replace(place.in_graph, std::move(proposal.weight)));
  if (!proposal.bias) return absl::OkStatus();
  const WeightRef& bias = model.weights()[*place.bias];
  PlanEntry& entry = plan.entries[*place.bias];
  entry = BiasEntry(bias, std::move(entry));
  SetPatch(bias, *std::move(proposal.bias), entry);
  walk.ReplaceBias(place.node, std::move(proposal.bias_values));
  return absl::OkStatus();
}

// Runs the stretch on the pictures that do not calibrate, so that the walk can go on.
absl::Status RunOthers(const PictureRoles& roles, TwinWalk& walk) {
  if (!roles.holds_back) return absl::OkStatus();
  return walk.Run(roles.judging, [](size_t, const TwinValue&) { return absl::OkStatus(); });
}

// The best form of a layer so far, and its error on the pictures that judge.
struct Choice {
  std::optional<Proposal> proposal;  // Nothing: plain rounding.
  double error = 0, plain_error = 0;
  std::string reason;  // Why nothing could be proposed.
};

// Proposes a form and takes it where it is better than the one so far.
absl::Status Improve(const Model& model, const LayerPlace& place, const Plan& plan,
                     const PictureRoles& roles, const PackedTensor& plain, double target_damping,
                     std::vector<SecondMoments> moments, TwinWalk& walk, Choice& choice) {
  const std::vector<float>& old_bias = *BiasOf(walk.original().nodes[place.node]);
  auto proposal = Propose(model, place, plan, std::move(moments), target_damping, old_bias);
  if (!proposal.ok() && !IsOfTheValues(proposal.status())) return proposal.status();
  if (!proposal.ok()) choice.reason = std::string(proposal.status().message());
  const bool has_proposal = proposal.ok() && proposal->has_value();
  std::vector<LayerForm> forms = {{&plain, old_bias}};
  if (has_proposal) forms.push_back({&(*proposal)->weight, (*proposal)->bias_values});
  NBITS_ASSIGN_OR_RETURN(const std::vector<double> errors,
                         OutputErrors(walk, place, roles.judging, forms));
  choice.plain_error = errors.front();
  const double best = choice.proposal ? choice.error : choice.plain_error;
  if (has_proposal && errors.back() < best) {
    choice.proposal = *std::move(proposal);
    choice.error = errors.back();
  }
  return absl::OkStatus();
}

// The correction of the target says most where many pictures stand behind it. Where what it gives
// is no better than plain rounding on pictures that it has not seen, it is tried with so much
// damping that hardly anything but the grids, the rounding and the bias is left of it. (Wherever
// that wins on the layer's own outputs was no better rule in the one network where it was tried,
// SqueezeNet: 1.9 dB higher at 3 bits, 1.9 dB lower at 2.)
constexpr double kTargetDampings[] = {0.05, 2};  // Of the mean diagonal of H.

absl::StatusOr<Choice> ChooseForm(const Model& model, const LayerPlace& place, const Plan& plan,
                                  const PictureRoles& roles, int64_t positions,
                                  const PackedTensor& plain, std::vector<SecondMoments> moments,
                                  TwinWalk& walk) {
  Choice choice;
  for (const double damping : kTargetDampings) {
    if (damping != kTargetDampings[0]) {
      if (choice.proposal || !choice.reason.empty()) break;
      NBITS_ASSIGN_OR_RETURN(
          moments, GatherMoments(walk, place, roles.calibrating, positions, /*again=*/true));
    }
    NBITS_RETURN_IF_ERROR(
        Improve(model, place, plan, roles, plain, damping, std::move(moments), walk, choice));
  }
  return choice;
}

}  // namespace

absl::StatusOr<CalibratedWeight> CalibrateLayer(const Model& model, const LayerPlace& place,
                                                const PictureRoles& roles, int64_t positions,
                                                TwinWalk& walk, Plan& plan) {
  const WeightRef& weight = model.weights()[place.weight];
  CalibratedWeight result{weight.path, weight.layer, CalibrationOutcome::kPlain};
  NBITS_ASSIGN_OR_RETURN(std::vector<SecondMoments> moments,
                         GatherMoments(walk, place, roles.calibrating, positions));
  NBITS_RETURN_IF_ERROR(RunOthers(roles, walk));
  NBITS_ASSIGN_OR_RETURN(Conversion plain,
                         ConvertWeight(weight, plan.entries[place.weight], plan.on_overflow,
                                       /*table_function=*/nullptr));
  if (!plain.packed) {  // It stays.
    result.reason = "it has values that its form cannot hold";
    return result;
  }
  NBITS_ASSIGN_OR_RETURN(Choice choice, ChooseForm(model, place, plan, roles, positions,
                                                   *plain.packed, std::move(moments), walk));
  result.reason = std::move(choice.reason);
  result.plain_error = result.calibrated_error = choice.plain_error;
  if (!choice.proposal) {
    NBITS_RETURN_IF_ERROR(walk.Replace(place.in_graph, *std::move(plain.packed)));
    return result;
  }
  result.outcome = CalibrationOutcome::kCalibrated;
  result.calibrated_error = choice.error;
  NBITS_RETURN_IF_ERROR(Take(model, place, *std::move(choice.proposal), walk, plan));
  return result;
}

}  // namespace nbits

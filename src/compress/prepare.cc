// SPDX-License-Identifier: Apache-2.0
// From options to a plan and a model that it fits.
#include <algorithm>

#include "base/status_macros.h"
#include "formats/neural_network/dynamic_flag.h"
#include "formats/neural_network/kept_layers.h"
#include "nbits/compress.h"

namespace nbits {
namespace {

// The modes that change weights for the worse, of the options and of their rules.
std::vector<Mode> LossyModes(const CompressOptions& options) {
  std::vector<Mode> modes;
  if (!options.only_rules) modes.push_back(options.mode);
  const auto add = [&modes](const WeightFormat& format) {
    if (!format.keep) modes.push_back(format.mode);
  };
  for (const auto& rule : options.types) add(rule.second);
  for (const NamedFormat& rule : options.layers) add(rule.format);
  std::erase(modes, Mode::kFloat32);
  return modes;
}

FoldPlan::Kind FoldKind(const CompressOptions& options) {
  using enum FoldPlan::Kind;
  const bool is_coremltools = options.policy == Policy::kCoremltools;
  if (options.fold == Folding::kNever) return kNone;
  if (options.fold == Folding::kAlways) return is_coremltools ? kCoremltools : kFull;
  const std::vector<Mode> modes = LossyModes(options);
  if (modes.empty()) return kNone;
  if (!is_coremltools) return kFull;
  const auto is_half = [](Mode mode) { return mode == Mode::kFloat16; };
  return std::all_of(modes.begin(), modes.end(), is_half) ? kNone : kCoremltools;
}

// Layers and weights that stay byte for byte what they are.
std::vector<std::string> Kept(const CompressOptions& options) {
  std::vector<std::string> patterns = options.keep;
  for (const NamedFormat& rule : options.layers) {
    if (rule.format.keep) patterns.push_back(rule.pattern);
  }
  return patterns;
}

}  // namespace

absl::StatusOr<int> PrepareFor(const Plan& plan, Model& model) {
  NBITS_ASSIGN_OR_RETURN(const int folded, FoldLayers(model, plan.fold));
  if (plan.clear_dynamic_int8) {
    // Without the flag, which demands 8-bit weights, they can become Float32 again.
    ClearDynamicInt8(model, [&](const LayerWeights& layer) {
      return !IsKeptLayer(model, layer, plan.fold.skip);
    });
  }
  return folded;
}

absl::StatusOr<Plan> Prepare(Model& model, const CompressOptions& options, int* folded) {
  Plan preparation;
  preparation.fold = {FoldKind(options), Kept(options)};
  preparation.clear_dynamic_int8 = options.mode == Mode::kFloat32;
  NBITS_ASSIGN_OR_RETURN(const int count, PrepareFor(preparation, model));
  if (folded != nullptr) *folded = count;
  NBITS_ASSIGN_OR_RETURN(Plan plan, MakePlan(model, options));
  plan.fold = std::move(preparation.fold);
  plan.clear_dynamic_int8 = preparation.clear_dynamic_int8;
  return plan;
}

absl::StatusOr<CompressReport> Compress(Model& model, const CompressOptions& options) {
  const int64_t bytes_before = model.file_size();
  int folded = 0;
  NBITS_ASSIGN_OR_RETURN(const Plan plan, Prepare(model, options, &folded));
  NBITS_ASSIGN_OR_RETURN(CompressReport report,
                         ApplyPlan(model, plan, {options.progress, options.table_function}));
  NBITS_RETURN_IF_ERROR(MeasureErrors(model, report));
  report.bytes_before = bytes_before;
  report.folded_layers = folded;
  return report;
}

}  // namespace nbits

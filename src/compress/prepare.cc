// From options to a plan and a model that it fits.
#include "base/status_macros.h"
#include "compress/dynamic_int8.h"
#include "nbits/compress.h"

namespace nbits {
namespace {

bool HasChannelScales(Mode mode) { return mode == Mode::kLinear || mode == Mode::kLinearSymmetric; }

FoldPlan::Kind FoldKind(const CompressOptions& options) {
  using enum FoldPlan::Kind;
  const bool is_coremltools = options.policy == Policy::kCoremltools;
  const bool stores_floats = options.mode == Mode::kFloat32 || options.mode == Mode::kFloat16;
  if (options.fold == Folding::kNever) return kNone;
  if (options.fold == Folding::kAlways) return is_coremltools ? kCoremltools : kFull;
  if (stores_floats) return kNone;
  if (is_coremltools) return kCoremltools;
  return HasChannelScales(options.mode) ? kFull : kVectors;
}

}  // namespace

absl::StatusOr<int> PrepareFor(const Plan& plan, Model& model) {
  NBITS_ASSIGN_OR_RETURN(const int folded, FoldLayers(model, plan.fold));
  if (plan.clear_dynamic_int8) {
    NBITS_RETURN_IF_ERROR(ClearDynamicQuantization(model, plan.fold.skip));
  }
  return folded;
}

absl::StatusOr<Plan> Prepare(Model& model, const CompressOptions& options, int* folded) {
  Plan preparation;
  preparation.fold = {FoldKind(options), options.keep};
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

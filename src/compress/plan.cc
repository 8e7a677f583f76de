#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compress/dynamic_int8.h"
#include "compress/selection.h"
#include "coreml/model_impl.h"
#include "nbits/compress.h"

namespace nbits {
namespace {

absl::Status CheckBits(const CompressOptions& options, int least, int most) {
  if (options.bits >= least && options.bits <= most) return absl::OkStatus();
  const std::string range =
      least == most ? absl::StrCat(least, " bits") : absl::StrCat(least, " to ", most, " bits");
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(ModeName(options.mode)), " takes ", range, ", not ", options.bits));
}

absl::Status CheckOptions(const CompressOptions& options) {
  switch (options.mode) {
    case Mode::kFloat32:
      return absl::OkStatus();
    case Mode::kFloat16:
      return CheckBits(options, 16, 16);
    case Mode::kLinearSymmetric:
      return CheckBits(options, 8, 8);
    case Mode::kCustomLut:
      return absl::InvalidArgumentError("a plan has no place for a table of the caller's");
    default:
      return CheckBits(options, 1, 8);
  }
}

// Float32 stays Float32; everything else is restored.
std::string DequantizeReason(const WeightRef& weight) {
  return weight.tensor.scheme == Scheme::kFloat32 ? "Float32 already" : "";
}

std::string QuantizeReason(const WeightRef& weight, bool unused, Policy policy) {
  if (unused) return "its layer does not use it";
  if (std::string reason = LayerReason(weight); !reason.empty()) return reason;
  if (std::string reason = SchemeReason(weight); !reason.empty()) return reason;
  if (policy == Policy::kKernels && weight.role != WeightRole::kKernel) return "not a kernel";
  return "";
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const Model& model, const CompressOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckOptions(options));
  if (options.mode == Mode::kFloat16 && model.impl().skeleton.isupdatable()) {
    return absl::InvalidArgumentError(
        absl::StrCat(model.impl().name, ": an updatable model cannot have Float16 weights"));
  }
  const std::set<size_t> unused = UnusedWeights(model);
  Plan plan;
  for (size_t i = 0; i < model.weights().size(); ++i) {
    const WeightRef& weight = model.weights()[i];
    PlanEntry entry;
    entry.path = weight.path;
    entry.mode = options.mode;
    entry.bits = options.bits;
    if (options.mode == Mode::kFloat32) entry.bits = 32;
    entry.per_channel = weight.role == WeightRole::kKernel;
    entry.reason = options.mode == Mode::kFloat32
                       ? DequantizeReason(weight)
                       : QuantizeReason(weight, unused.contains(i), options.policy);
    entry.keep = !entry.reason.empty();
    plan.entries.push_back(std::move(entry));
  }
  return plan;
}

int CompressReport::WorstWeight() const {
  int worst = -1;
  for (size_t i = 0; i < changed.size(); ++i) {
    if (changed[i].squared_error == 0) continue;
    if (worst < 0 || changed[i].snr_db < changed[worst].snr_db) worst = static_cast<int>(i);
  }
  return worst;
}

absl::StatusOr<CompressReport> Compress(Model& model, const CompressOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckOptions(options));
  const int64_t bytes_before = model.file_size();
  int folded = 0;
  if (options.fold && options.mode != Mode::kFloat32 && options.mode != Mode::kFloat16) {
    NBITS_ASSIGN_OR_RETURN(folded, FoldLayers(model));
  }
  if (options.mode == Mode::kFloat32) NBITS_RETURN_IF_ERROR(ClearDynamicQuantization(model));
  NBITS_ASSIGN_OR_RETURN(const Plan plan, MakePlan(model, options));
  NBITS_ASSIGN_OR_RETURN(CompressReport report, ApplyPlan(model, plan, options.progress));
  NBITS_RETURN_IF_ERROR(MeasureErrors(model, report));
  report.bytes_before = bytes_before;
  report.folded_layers = folded;
  return report;
}

}  // namespace nbits

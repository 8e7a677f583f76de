// SPDX-License-Identifier: Apache-2.0
// Makes a model's weights smaller as a plan says, and tells what that did to them.
//
// The steps, each of which can be used alone:
//   Prepare       folds layers and plans (nbits/plan.h) what becomes of every weight;
//   ApplyPlan     does what a plan says, on all cores, and reports trouble that it met;
//   MeasureErrors makes sure that the model as it was written holds what ApplyPlan put there.
// Compress runs all three.
#ifndef NBITS_COMPRESS_H_
#define NBITS_COMPRESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/fold.h"
#include "nbits/model.h"
#include "nbits/plan.h"
#include "nbits/quantize.h"

namespace nbits NBITS_EXPORT {

// What is wrong with, or worth knowing about, a weight and the form that it was to get.
enum class Trouble : uint8_t {
  kNotFinite,         // Infinite or NaN. Worst: the first NaN, else the infinity.
  kAboveFloat16,      // Finite, but infinite in Float16. Worst: the largest magnitude.
  kBelowFloat16,      // Not 0, but 0 in Float16. Worst: the largest magnitude that is lost.
  kConstantChannels,  // Linear modes: channels of which all weights decode to one value. Worst: the
                      // value of largest magnitude.
  kUnusedTableEntries,  // Table entries that no weight uses. Worst: the one of largest magnitude.
  kQuantizedBefore,     // Was quantized already; worst: its bits then.
  kOtherForm,  // Core ML refuses the form that was asked for: PlanEntry::refused is the detail.
};

struct Finding {
  Trouble trouble = Trouble::kNotFinite;
  std::string path, layer;
  int64_t count = 0, total = 0;  // Of weights, channels or table entries.
  float worst = 0;
  // kBelowFloat16: the values that are lost are so small beside the others that the weight has
  // an SNR of 50 dB and more without them.
  bool harmless = false;
  std::string detail = {};  // kOtherForm.
  size_t weight = 0;        // Index of the weight among the model's.
};

// "conv1/weights: 3 of 864 weights are beyond Float16's range, worst 70000".
std::string FindingText(const Finding& finding);

// What happened to one quantized weight.
struct WeightReport {
  std::string path, layer, layer_type;
  Mode mode = Mode::kLinear;
  int bits = 8;
  int64_t elements = 0;
  int64_t bytes_before = 0, bytes_after = 0;  // Elements with scales, offsets and tables.
  // w is the original after folding, w' what takes its place, decoded.
  double snr_db = 0;         // 10 log10(sum w^2 / sum (w - w')^2); infinite when nothing changed.
  double squared_error = 0;  // sum (w - w')^2.
  double max_absolute_error = 0;
  int64_t zeros_flipped = 0;  // Elements that are 0 in one of the two and not in the other.
};

struct CompressReport {
  int64_t bytes_before = 0, bytes_after = 0;  // Of the whole file.
  int folded_layers = 0;
  std::vector<WeightReport> changed;
  std::vector<PlanEntry> kept;
  std::vector<Finding> findings;
  // All weights of the model as they were before (after folding), in order; views that share the
  // mapping.
  std::vector<PackedTensor> originals;
  std::vector<PackedTensor> stored;  // The same weights afterwards: what the errors are errors of.
  // Index in `changed` of the weight with the lowest finite SNR, -1 when there is none.
  int WorstWeight() const;
};

struct ApplyOptions {
  std::function<void(int64_t done, int64_t total)> progress = nullptr;  // As in CompressOptions.
  TableFunction table_function = nullptr;  // For kCustomLut entries without a table.
};

// InvalidArgument when the plan was made for another model (paths differ), or stores a weight in a
// form that Core ML refuses in its place (FormBreaches in nbits/forms.h); FailedPrecondition,
// naming the weight, for values that a mode cannot represent (infinite, NaN, Float16 overflow) with
// Overflow::kError. On an error the model may be changed in part. Errors are measured while a
// weight is in the cache, on what its packed form decodes to; MeasureErrors says whether they hold
// for a file. `folded_layers` of the report is 0.
absl::StatusOr<CompressReport> ApplyPlan(Model& model, const Plan& plan,
                                         const ApplyOptions& options = {});

// Compares every weight of `written` (the model that ApplyPlan changed, or the file that was saved
// from it, opened again) with report.stored, on all cores: all its bytes, scales, offsets, table
// and shape, so that it decodes to the very values that the errors in the report were measured on.
// DataLoss, naming the weight, when one is missing or differs. Adds to the findings what only the
// errors show (weights lost below Float16's range).
absl::Status MeasureErrors(const Model& written, CompressReport& report);

// Folds and plans as `options` ask. Returns the plan; `folded` (may be null) the number of layers
// that went away. Errors are those of FoldLayers and MakePlan.
absl::StatusOr<Plan> Prepare(Model& model, const CompressOptions& options, int* folded = nullptr);
// The same folds as when `plan` was made; ApplyPlan(model, plan) then gives the same bytes. Returns
// the number of layers that went away. Errors are those of FoldLayers.
absl::StatusOr<int> PrepareFor(const Plan& plan, Model& model);

// Prepares, applies and measures; errors are those of the three.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto report = nbits::Compress(*model, {.mode = nbits::Mode::kKMeansLut, .bits = 4});
//   if (!report.ok()) return report.status();
//   std::cout << report->bytes_before << " -> " << report->bytes_after << " bytes\n";
//   return model->Save("model-4.mlmodel");
absl::StatusOr<CompressReport> Compress(Model& model, const CompressOptions& options);

}  // namespace nbits

#endif  // NBITS_COMPRESS_H_

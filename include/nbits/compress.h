// Decides which weights of a model get how many bits, and does it.
//
// Three steps, each of which can be used alone:
//   FoldLayers  merges batch normalisation, scale and bias layers into the layer before them;
//   MakePlan    names, for every weight of the model, what it is to become and why;
//   ApplyPlan   does what a plan says, on all cores;
//   MeasureErrors compares the weights as they were written with the original ones.
// Compress runs all of them.
//
// Source of the default rules: coremltools 7.2 `quantize_weights`.
#ifndef NBITS_COMPRESS_H_
#define NBITS_COMPRESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/model.h"
#include "nbits/quantize.h"

namespace nbits {

// Which weights are quantized.
enum class Policy : uint8_t {
  // What coremltools selects: all Float32 weights of the layer types it knows, biases (where the
  // layer's hasBias flag is set) and batch normalisation included. Weights that are Float16 or
  // quantized already stay as they are.
  kCoremltools,
  // Kernels only: biases, normalisation parameters and constants, a few percent of the bytes and
  // most of the damage at few bits, stay as they are.
  kKernels,
};

struct CompressOptions {
  Mode mode = Mode::kLinear;
  int bits = 8;  // 16 for kFloat16, not looked at for kFloat32, 8 for kLinearSymmetric, else 1..8.
  Policy policy = Policy::kCoremltools;
  bool fold = true;  // Fold before quantizing below 16 bits.
  // Called from time to time with weights' elements done and in total, never from two threads at
  // once.
  std::function<void(int64_t done, int64_t total)> progress = nullptr;
};

// What becomes of one weight.
struct PlanEntry {
  std::string path;           // As WeightRef::path.
  bool keep = true;           // Stays byte for byte what it is.
  Mode mode = Mode::kLinear;  // The rest has a meaning when `keep` is false.
  int bits = 8;
  bool per_channel = false;  // Linear modes: a scale per channel, or one for the whole tensor.
  std::string reason = {};  // Why it is kept: "float16 already", "layer type is not quantized", ...
};

struct Plan {
  std::vector<PlanEntry> entries;  // One for each of model.weights(), in that order.
};

// What happened to one quantized weight.
struct WeightReport {
  std::string path, layer, layer_type;
  Mode mode = Mode::kLinear;
  int bits = 8;
  int64_t elements = 0;
  int64_t bytes_before = 0, bytes_after = 0;  // Elements with scales, offsets and tables.
  // By MeasureErrors; w is the original (after folding), w' what became of it.
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
  // All weights of the model as they were before, in order; views that share the mapping.
  std::vector<PackedTensor> originals;
  // Index in `changed` of the weight with the lowest finite SNR, -1 when there is none.
  int WorstWeight() const;
};

// Merges into the layer before it, wherever that layer's only reader it is: batch normalisation,
// scale and bias layers after a convolution (also a transposed one), scale and bias layers after an
// inner product, scale layers after batch normalisation. Arithmetic in double, stored as Float32.
// Not folded: layers whose parameters are not Float32, updatable layers, instance normalisation,
// and anything whose intermediate result is also an output of the model or read by a nested
// network. Returns the number of layers that went away. Weight indices change.
absl::StatusOr<int> FoldLayers(Model& model);

// InvalidArgument for bits outside the mode's range, kCustomLut, and Float16 for an updatable
// model.
absl::StatusOr<Plan> MakePlan(const Model& model, const CompressOptions& options);

// InvalidArgument when the plan was made for another model (paths differ); FailedPrecondition,
// naming the weight, for values that a mode cannot represent (infinite, NaN, Float16 overflow).
// On an error the model may be changed in part. `folded_layers` of the report is 0, its errors are
// not measured yet.
absl::StatusOr<CompressReport> ApplyPlan(
    Model& model, const Plan& plan,
    const std::function<void(int64_t done, int64_t total)>& progress = nullptr);

// Decodes every weight of `written` (the model that ApplyPlan changed, or the file that was saved
// from it, opened again), on all cores and in blocks that stay in the cache, and compares it with
// report.originals: fills in the errors of report.changed. DataLoss, naming the weight, when one is
// missing, has another size, or was to be kept and differs.
absl::Status MeasureErrors(const Model& written, CompressReport& report);

// Folds (when options ask for it and the mode quantizes below 16 bits), plans, applies and
// measures.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   auto report = nbits::Compress(*model, {.mode = nbits::Mode::kKMeansLut, .bits = 4});
//   if (report.ok()) model->Save("model-4.mlmodel");
absl::StatusOr<CompressReport> Compress(Model& model, const CompressOptions& options);

}  // namespace nbits

#endif  // NBITS_COMPRESS_H_

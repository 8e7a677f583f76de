// SPDX-License-Identifier: Apache-2.0
// Which weights of a model are to be stored how: a policy picks them, conditions and rules change
// the choice, and the plan that comes of it can be printed, saved and replayed.
#ifndef NBITS_PLAN_H_
#define NBITS_PLAN_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/fold.h"
#include "nbits/model.h"
#include "nbits/quantize.h"

namespace nbits NBITS_EXPORT {

// Which weights are quantized when no rule names them.
enum class Policy : uint8_t {
  // The tensors that hold the bulk of the bytes: kernels (filters, matrices, embedding tables, also
  // of layer types that coremltools does not know) and constants of kBulkConstantElements or more.
  // Biases, normalisation and other vectors are not quantized: they become Float16 (half the bytes,
  // an error of 2^-11 at most) where nothing is lost by that and Core ML takes it, or stay as they
  // are, as activation parameters do. Weights that are quantized already are quantized again, from
  // their decoded values.
  kBulk,
  // What coremltools 7.2 selects: all Float32 weights of the layer types it knows, biases (where
  // the layer's hasBias flag is set) and batch normalisation included. Weights that are Float16 or
  // quantized already stay as they are.
  kCoremltools,
};

// Smaller constants are left alone by Policy::kBulk. coremltools 9.0 (`weight_threshold`) passes
// over constants of ML Programs up to the same size.
inline constexpr int64_t kBulkConstantElements = 2049;

// How a weight is to be stored.
struct WeightFormat {
  bool keep = false;  // Byte for byte as it is; the rest has no meaning then.
  Mode mode = Mode::kLinear;
  int bits = 8;  // 16 for kFloat16, 32 for kFloat32, else 1..8.
};

// "8:linear", "4" (in mode `mode`), "16" or "float16", "float32" or "dequantize", "custom_lut" (as
// many bits as the table needs), "keep".
// InvalidArgument, naming the text, for anything else and for bits that the mode does not have.
absl::StatusOr<WeightFormat> ParseWeightFormat(absl::string_view text, Mode mode = Mode::kLinear);
std::string WeightFormatName(const WeightFormat& format);  // "8:linear", "float16", "keep", ...

// `pattern` ("*" any text, "?" any character, "[a-c]" one of these; "\" takes away the meaning of
// the next) stands for a layer when it matches the layer's name, and for a single weight when it
// matches its path ("conv1/bias"). A rule for a layer changes the format of what is selected there;
// a rule for a weight also selects it.
struct NamedFormat {
  std::string pattern;
  WeightFormat format;
};

// What a layer must be like for its weights to be quantized. Counts are those of the layer's
// largest weight, shapes those of that weight as nbits keeps it ([outputs, inputs, ...]; transposed
// convolutions [inputs, outputs / groups, ...]): where a layer falls short, its biases stay too.
// With these, coremltools' selectors are:
//   AdvancedQuantizedLayerSelector  skip_types, min_convolution_channels (4 by default there),
//                                   min_convolution_elements (4096)
//   MatrixMultiplyLayerSelector     only_types {"innerProduct", "batchedMatmul"}, min_elements,
//                                   min_inputs, max_inputs, min_outputs, max_outputs, only_layers
inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
struct Conditions {
  // Names as in the schema ("convolution"); also "depthwiseConv", a convolution of one kernel
  // channel and several groups, and "bias", which besides bias layers means the biases of
  // convolution, innerProduct and batchedMatmul layers.
  std::vector<std::string> only_types = {}, skip_types = {};  // only_types empty: all.
  std::vector<std::string> only_layers = {};  // Patterns for layers' names; empty: all.
  int64_t min_elements = 0;
  int64_t min_inputs = 0, max_inputs = kNoLimit;    // Weights of rank 2 and more.
  int64_t min_outputs = 0, max_outputs = kNoLimit;  // Likewise.
  int64_t min_convolution_channels = 0;  // Kernel channels; layers of type convolution only.
  int64_t min_convolution_elements = 0;  // Likewise.
};

// A table of the caller's for kCustomLut.
struct CustomTable {
  // 1 to 2^bits finite entries in any order. Places that are left over repeat the last entry.
  std::vector<float> table;
  // The entry of each weight, row-major; empty: each weight goes to its nearest entry.
  std::vector<uint8_t> indices;
};

// Makes the table for one weight; called from several threads at once. `values` are the weight's
// (after folding), row-major. coremltools calls it `lut_function`.
using TableFunction = std::function<absl::StatusOr<CustomTable>(
    const WeightRef& weight, std::span<const float> values, int bits)>;

// Tables for kCustomLut by the layers or weights they are for (patterns as in NamedFormat, "*" for
// all); the last that matches counts. Without --bits a weight takes the fewest bits its table
// needs.
struct NamedTable {
  std::string pattern;
  std::vector<float> table;
};

// Reads tables from the text of a JSON file ({"conv1": [-1, 0, 1], ...}, or one list for all
// weights) or a CSV file (a line "conv1,-1,0,1" per table, or lines of numbers only: one table for
// all). InvalidArgument, with line or key, for text that is neither, tables that are empty or have
// more than 256 entries, entries that are not finite.
absl::StatusOr<std::vector<NamedTable>> ParseTables(absl::string_view text);

enum class Folding : uint8_t {
  // kCoremltools: below 16 bits, as there. kBulk: FoldPlan::kFull; nothing for Float32.
  kAuto,
  kAlways,  // kCoremltools or kFull, by the policy.
  kNever,
};

struct CompressOptions {
  Mode mode = Mode::kLinear;
  // 16 for kFloat16, not looked at for kFloat32, 0 for kCustomLut: as many as the table needs,
  // else 1..8.
  int bits = 8;
  bool only_rules = false;  // What no rule of `types` or `layers` names is kept.
  Policy policy = Policy::kBulk;
  Folding fold = Folding::kAuto;
  // Linear modes. nullopt: Policy::kBulk has kMeanSquaredError (kMinMax for long channels at 7 and
  // 8 bits, where that is as good). Policy::kCoremltools has kCoremltools and takes kMinMax for it.
  std::optional<Range> range = std::nullopt;
  // kmeans_lut and linear_lut. nullopt: kCoremltools kNearest; kBulk kBalanced for the kernels of
  // convolutions, inner products and products of matrices.
  std::optional<Rounding> rounding = std::nullopt;
  Overflow on_overflow = Overflow::kError;

  Conditions conditions = {};
  // More to the point than `conditions`: weights for which it returns false are kept.
  std::function<bool(const WeightRef& weight)> select = nullptr;
  std::vector<std::pair<std::string, WeightFormat>> types = {};  // By layer type; the last counts.
  std::vector<NamedFormat> layers = {};    // Before `types`; the last that matches counts.
  std::vector<std::string> keep = {};      // Before all: layers and weights that stay, unfolded.
  std::vector<NamedTable> tables = {};     // kCustomLut.
  TableFunction table_function = nullptr;  // kCustomLut, for weights that `tables` does not name.

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
  Range range = Range::kMinMax;
  Rounding rounding = Rounding::kNearest;  // Has a meaning for kKMeansLut and kLinearLut.
  std::vector<float> table = {};           // kCustomLut; empty: from the table function.
  std::string reason = {};  // Why it is kept: "float16 already", "layer type is not quantized", ...
  // Why it does not get the form that was asked for: Core ML's own checks refuse a file where it
  // has. Empty for all others. What it gets instead stands above.
  std::string refused = {};
};

struct Plan {
  FoldPlan fold;
  bool clear_dynamic_int8 = false;  // Layers' int8DynamicQuantize flags are taken away first.
  Overflow on_overflow = Overflow::kError;
  std::vector<PlanEntry> entries;  // One for each of the folded model's weights, in that order.
};

// What is wrong with the options whatever the model is, InvalidArgument: bits outside a mode's
// range, types of layers that have no weights, kCustomLut without tables, and with
// Policy::kCoremltools what coremltools 7.2 does not have (linear_symmetric in other than 8 bits,
// Range::kMeanSquaredError, Rounding::kBalanced).
absl::Status CheckOptions(const CompressOptions& options);

// For a model that is folded already (Prepare in nbits/compress.h does both). InvalidArgument for
// what CheckOptions finds, Float16 for an updatable model, a table that needs more bits than it is
// given, a pattern that fits no weight, and rules for single weights of one layer that contradict
// each other (Float16 and Float32, which Core ML refuses side by side).
//
// No plan gives a weight a form that Core ML refuses in its place (FormBreaches in nbits/forms.h):
// it gets the nearest one that is taken or is kept, and PlanEntry::refused says why.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   const nbits::CompressOptions options = {.mode = nbits::Mode::kLinear, .bits = 4};
//   auto plan = nbits::MakePlan(*model, options);
//   if (!plan.ok()) return plan.status();
//   assert(plan->entries.size() == model->weights().size());
//   std::ofstream("plan.json") << nbits::PlanToJson(*plan);
absl::StatusOr<Plan> MakePlan(const Model& model, const CompressOptions& options);

// A plan as JSON text and back; docs/quantize.md describes it. InvalidArgument for text that is no
// plan. A plan whose tables come from a function cannot be replayed without it.
std::string PlanToJson(const Plan& plan);
absl::StatusOr<Plan> PlanFromJson(absl::string_view text);

}  // namespace nbits

#endif  // NBITS_PLAN_H_

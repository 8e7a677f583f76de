// SPDX-License-Identifier: Apache-2.0
// Results: the one table from which every output of a comparison is drawn. Mirrors docs/results.md,
// which says what every field means.
#ifndef NBITS_RESULTS_H_
#define NBITS_RESULTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"

namespace nbits NBITS_EXPORT {

// Fractions are 0..1; nullopt: not measured, or without a finite value.
struct ResultMetrics {
  std::optional<double> agreement;               // Pixels, or elements, that equal the original's.
  std::optional<double> agreement_miou;          // Mean IoU with the original's masks as the truth.
  std::optional<double> miou, pixel_accuracy;    // Against the given masks.
  std::optional<double> iou;                     // The same of Results::judged_class alone.
  std::vector<std::optional<double>> class_iou;  // One per class; against the given masks.
  std::optional<double> boundary_f;              // Against the given masks, mean over pictures.
  std::optional<double> agreement_boundary_f;    // Against the original's masks.
  std::optional<double> top1, top5;              // Against the given classes.
  std::optional<double> top1_agreement, top5_agreement;
  // Object detectors, boxes being equal from an intersection over union of a half on: mean average
  // precision against the given boxes, and the measures with the original's boxes for the truth.
  std::optional<double> map50, agreement_map50, agreement_precision, agreement_recall;
  std::optional<double> snr_db, psnr_db;
  std::optional<double> max_relative_difference;  // max |difference| / max |original|.
};

// What lies between these two at 95 %. Infinite where nothing is known, as of a single picture.
struct Interval {
  double low = 0, high = 0;
};

// One weight of the model as a variant stores it, and how far that is from the original's.
struct LayerResult {
  std::string name, kind;
  std::vector<int64_t> shape;
  int64_t elements = 0;
  std::optional<int> bits = {};  // None of these three: the variant has no such weight.
  std::optional<std::string> mode = {};
  std::optional<int64_t> bytes = {};
  std::optional<double> snr_db = {}, max_error = {};
};

// The values that a weight of one layer can take in a variant, ascending, and how many take each.
struct WeightGrid {
  int bits = 0;
  std::string mode;
  std::optional<int> channel;  // Linear grids per channel: the one shown.
  std::vector<double> values;
  std::vector<int64_t> uses;
};

struct WeightHistogram {
  std::string layer, kind;
  std::vector<int64_t> shape;
  int64_t elements = 0;
  std::vector<double> edges;  // One more than counts.
  std::vector<int64_t> counts;
  std::vector<std::optional<WeightGrid>> grids;  // One per variant.
};

struct VariantResult {
  std::string name, file;
  bool is_original = false;
  std::optional<int> bits;                 // Of most of the weights; nullopt when unknown.
  std::optional<std::string> mode;         // "float32", "linear", ...
  std::optional<std::string> policy = {};  // "bulk" or "coremltools"; nullopt: another maker's.
  int64_t bytes = 0;                       // Of the file.
  std::optional<double> load_ms;
  std::vector<double> times_ms;                        // One per timed run, in order.
  std::optional<double> median_ms, min_ms, spread_ms;  // Spread: interquartile range; of 3 or more.
  std::optional<int64_t> peak_memory_bytes;
  ResultMetrics metrics;
  // How far a measure is from the original's on other pictures of the same kind, by its name:
  // variant - original; of decibels, which are a distance themselves, the value. What is missing
  // was not estimated.
  std::map<std::string, Interval> intervals = {};
  int64_t blank_masks = 0;  // Pictures whose mask is all background while the original's is not.
  int64_t nonfinite_values = 0;                  // Of its outputs, on all pictures.
  std::optional<std::string> worst_output = {};  // Of several, the one with the lowest PSNR.
  std::vector<LayerResult> layers;   // The same weights in the same order for every variant.
  std::optional<std::string> error;  // One line, when the variant failed.
};

struct RankedLabel {
  std::string label;
  double probability = 0;
};

// An array in few numbers. Values that are not finite are nullopt.
struct ArraySummary {
  std::string output;
  std::vector<int64_t> shape;
  int64_t elements = 0;
  std::optional<double> min = {}, max = {}, mean = {}, deviation = {};
  int64_t step = 1;  // Samples are elements 0, step, 2 step, ... in row-major order.
  std::vector<std::optional<double>> samples = {};
};

// Points that a model finds in a picture, in parts of its width and height from the upper left
// corner.
struct KeyPoints {
  std::string output;  // That they were read from.
  std::vector<double> x, y;
  std::vector<double> confidence;  // 0..1, one per point; empty: not known.
};

// What one variant gave for one picture. Paths are relative to the results' folder.
struct PictureOutput {
  std::optional<double> agreement, miou, iou, pixel_accuracy, boundary_f;
  std::optional<double> snr_db, psnr_db, max_relative_difference;
  std::optional<std::string> ids;    // Segmentation: 8-bit grey PNG of class ids.
  std::optional<std::string> matte;  // Segmentation by matte: 8-bit grey PNG.
  std::optional<std::string> image;  // Image to image: the picture. Detection: with its boxes.
  std::vector<RankedLabel> top;      // Classification: the best five.
  std::vector<ArraySummary> values;  // Arrays: one per output.
  std::optional<KeyPoints> points;   // Where an output gives key points of the picture.
  bool blank = false;                // Segmentation: all background, unlike the original's.
  int64_t nonfinite_values = 0;      // NaN and infinities among the outputs.
};

struct PictureResult {
  std::string name;
  int width = 0, height = 0;  // Of the model's input.
  // Of the file's picture as it is to be seen; nullopt: not known, or not a picture.
  std::optional<int> own_width = {}, own_height = {};
  std::optional<std::string> image = {};
  std::optional<std::string> ground_truth = {};  // 8-bit grey PNG of class ids, 255 = ignore.
  std::optional<std::string> label = {};         // Classification: the true class.
  std::vector<PictureOutput> outputs = {};       // One per variant, in the same order.
};

// The one class that the given masks mark; all others are "the rest".
struct JudgedClass {
  int id = 0;
  std::string label;  // As the masks' giver calls it.
};

struct SkippedFile {
  std::string file, reason;
};

// Timed runs of a comparison that has not come to its end.
struct PartialRun {
  int64_t done = 0, total = 0;
};

// How far two processes of the original are apart.
struct NoiseFloor {
  double time_ratio_spread = 0;  // |second / first - 1| of the medians.
  std::optional<double> memory_ratio_spread;
  ResultMetrics metrics;  // |second - first|; class_iou is not used.
};

// What the rule of docs/results.md makes of a variant.
enum class Standing {
  kOriginal,
  kGood,             // Within the allowed loss, at worst.
  kGoodByAgreement,  // Too few pictures to tell, but it agrees with the original.
  kUnclear,          // Too few pictures to tell.
  kLoses,            // Loses more than is allowed.
  kDisagrees,        // Kept its score on quite other outputs.
  kOtherShapes,      // Agrees in the background's pixels only.
  kBlank,            // Gives blank masks.
  kNotFinite,        // Gives NaN or infinities.
  kNotSmaller,       // Than the original.
  kNotMeasured,      // In the verdict's measure.
  kFailed,
};

// Which variant to take, by the rule of docs/results.md. Indices into Results::variants.
struct Verdict {
  std::string metric;
  double allowed_loss = 0;
  std::optional<int> smallest = {}, recommended = {};
  std::optional<int> closest = {};  // Of the smaller ones, where none is good enough.
  bool doubtful_truth = false;      // The original itself hardly meets it: nothing is judged.
  int64_t pictures = 0;             // That the measure counts.
  std::optional<int64_t> pictures_needed =
      {};                                // About as many would tell, where these are too few.
  std::vector<Standing> standings = {};  // One per variant.
};

struct Results {
  std::string created;  // ISO 8601, UTC.
  std::string nbits_version;
  std::optional<std::string> commit, command;
  std::optional<PartialRun> partial;
  std::string cpu;
  int cores = 0, threads = 0;
  std::optional<int64_t> memory_bytes;
  std::optional<std::string> system, instructions;
  std::string model_name, model_type, input;
  std::optional<std::string> output, rule, truth;
  std::optional<int64_t> truth_pictures;  // Pictures that have a true mask or class.
  // "--mask-map" values under which the given masks would fit better; set where they fit badly.
  std::optional<std::string> proposed_mask_map;
  std::optional<JudgedClass> judged_class;  // nullopt: all classes are judged.
  std::string task;  // "segmentation", "classification", "image_to_image", "detection"
                     // or "arrays".
  std::vector<std::string> labels, colors;  // Per class; colours as "#rrggbb".
  int background_id = 0;
  NoiseFloor noise_floor;
  std::optional<Verdict> verdict;
  std::vector<VariantResult> variants;  // The original first.
  std::vector<WeightHistogram> histograms;
  std::vector<PictureResult> pictures;
  std::vector<SkippedFile> skipped;
};

// The document of docs/results.md. Bytes that are not UTF-8 become U+FFFD.
//
// Example:
//   nbits::Results results;
//   results.task = "segmentation";
//   results.variants.resize(1);
//   results.variants[0].is_original = true;
//   auto read = nbits::ResultsFromJson(nbits::ResultsToJson(results));
//   if (!read.ok()) return read.status();
//   assert(read->task == results.task && read->variants.size() == 1);
std::string ResultsToJson(const Results& results);
// InvalidArgument, naming the field, for anything that is not such a document: wrong types, another
// version, pictures whose outputs do not match the variants, paths that leave the folder.
absl::StatusOr<Results> ResultsFromJson(absl::string_view text);

}  // namespace nbits

#endif  // NBITS_RESULTS_H_

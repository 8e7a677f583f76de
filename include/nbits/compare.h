// SPDX-License-Identifier: Apache-2.0
// Runs a model and variants of it on the same pictures or arrays and measures what the variants
// cost.
//
// Each model runs in a process of its own, so that one's memory is not another's and a crash is a
// line in the table. The processes wait and are asked in turn, so that whatever slows the machine
// down for a while falls on all alike. The original runs in two processes: how far their times
// differ is the noise below which a difference of times means nothing.
#ifndef NBITS_COMPARE_H_
#define NBITS_COMPARE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/engine.h"
#include "nbits/export.h"
#include "nbits/input.h"
#include "nbits/results.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

struct CompareModel {
  std::string file;
  std::string name = {};                 // Empty: the file's name without extension.
  std::optional<int> bits = {};          // nullopt: as most of the weights are stored.
  std::optional<std::string> mode = {};  // Likewise.
  Compute compute = Compute::kFloat32;
  std::optional<std::string> policy = {};  // Which weights were quantized, for the record.
  // Why there is no such file: becomes the row's error, and the file is not looked at.
  std::optional<std::string> error = {};
};

// What the values of given masks mean.
struct MaskMap {
  // Mask id -> class id, kIgnoredClass for pixels that do not count. Ids that are not listed stay.
  std::vector<std::pair<int, int>> ids = {};
  // Set: the masks are grey, above 127 is this class and all else is not, and it alone is judged
  // (ResultMetrics::iou). A model that names its classes must have it under this name.
  std::optional<JudgedClass> grey = {};
};

// The original and its samples as CheckCompareOptions found them.
struct ComparedInputs;

struct CompareOptions {
  CompareModel original;
  std::vector<CompareModel> variants;
  // One of the two. Pictures, for a model whose only needed input is one: a folder of JPEG and PNG
  // files, or of folders of them, or one file. Inputs of any model: a folder of files (.npy, PNG,
  // JPEG) for its only input, or of folders with a file NAME.npy, NAME.png or NAME.jpg for each
  // input, or one file. Arrays and pictures may be of any shape that the model allows, each of its
  // own.
  std::string images, inputs;
  PictureOptions pictures;  // How pictures become inputs.
  std::string masks;        // Folder of PNG class masks with the same stems; empty: none.
  MaskMap mask_map;
  // Text file of the names of a segmentation's classes, one a line, the first of id 0; empty: as
  // the model says.
  std::string class_names;
  // Object detectors: folder of text files with the pictures' stems, a line "class x y width
  // height" for each box (YOLO's form: class ids from 0, the centre and lengths relative to the
  // picture). Empty: beside the pictures, where there are some.
  std::string boxes;
  std::string output;  // Folder, made when missing; pictures/N/... is written into it.
  std::string labels;  // CSV of picture,class for classifiers; empty: see TruthLabel's rules.
  int limit = 0;       // At most so many pictures; 0: all.
  // Timed runs per picture and model. 0: enough for ten in all, and then more until each median is
  // known to 1 % (interquartile range / sqrt(runs)), at most `max_runs` in all for a model and
  // `max_seconds` in all for the additional ones: nothing says as long as all before them took, but
  // 5 seconds at least and 60 at most.
  int runs = 0;
  int max_runs = 50;
  std::optional<double> max_seconds;
  int threads = 0;  // 0: one per core.
  // "segmentation", "classification", "image_to_image", "detection", "arrays"; empty: recognised.
  std::string task;
  // What may be lost, in the unit of the verdict's measure: 0.005 for half a point of a share, -40
  // for 40 dB at least; nothing: the measure's usual one. InvalidArgument for the other unit.
  std::optional<double> allowed_loss;
  // Measures, by their names in results.json, without which the comparison is of no use: it ends
  // with InvalidArgument as soon as it is clear that one cannot be measured.
  std::vector<std::string> needed_measures;
  // Goes on with what an earlier run into the same folder has measured: what is equal by content
  // (model, sample, truth) is taken over, variants and samples may be added or left out.
  bool resume = false;
  // Program and leading arguments that end in ServeMeasurements(model, options, 0, 1) when the
  // model's path, the number of threads, for other arithmetic than Float32's "int8", and for other
  // shapes than the model's default ones "--shapes" and {"NAME": [extent, ...], ...} are appended.
  std::vector<std::string> worker_command;
  std::string nbits_version, commit, command;  // For the record.
  // Looked at between runs: when it becomes true, Compare returns what there is (`partial` is set
  // where pictures are missing).
  const std::atomic<bool>* interrupted = nullptr;
  // Called every few seconds, and after the first picture, with what there is so far.
  std::function<void(const Results& results)> checkpoint;
  // Called with one line for each picture whose own size the model does not allow, and with what is
  // new in a run that is gone on with.
  std::function<void(const std::string& note)> note;
  // Called after every run on a picture, additional ones aside. `total` stays as it is.
  std::function<void(int64_t done, int64_t total)> progress;
  // Called before additional runs, with the seconds that they may take, and with 0 after them. When
  // `interrupted` becomes true in between, and they are the last ones, the results are complete.
  std::function<void(double seconds)> measuring_again;
  // What CheckCompareOptions gave for these options, variants aside: Compare does not look at the
  // original and list the samples again. Null: it does.
  std::shared_ptr<const ComparedInputs> found = nullptr;
};

// Writes the pictures under options.output and returns the table. Errors: the original cannot run,
// it does not take what the folder holds, nothing can be read, the folder cannot be written, or
// holds measurements that `resume` cannot go on with (FailedPrecondition, with what differs);
// before anything runs: a file of a variant, the masks or the labels are not there, no variant can
// be opened. A variant that fails otherwise has its `error` set; a picture or array that cannot be
// read, or that the original does not take, is listed in `skipped`. Shapes and units of what comes
// back: nbits/results.h and docs/results.md.
//
// Example:
//   nbits::CompareOptions options;
//   options.original.file = "model.mlmodel";
//   options.variants = {{.file = "model.mlmodel", .name = "same"}};
//   options.images = "photos";
//   options.output = "out";
//   options.runs = 1;
//   options.threads = 1;
//   options.worker_command = {"./nbits", "internal-measure"};
//   auto results = nbits::Compare(options);
//   if (!results.ok()) return results.status();
//   assert(results->variants[1].metrics.agreement == 1.0);
absl::StatusOr<Results> Compare(const CompareOptions& options);

// What Compare would refuse before it runs anything, for variants that are yet to be made: files,
// masks and labels that are not there, measures that cannot be measured. Writes nothing. What it
// gives spares Compare the same work (CompareOptions::found).
absl::StatusOr<std::shared_ptr<const ComparedInputs>> CheckCompareOptions(
    const CompareOptions& options);

// What Compare would say at once of `options.resume`, before variants are made: OK, or
// FailedPrecondition when what options.output holds was measured of another original or with other
// settings. Looks at no variant and no sample.
//
// Example:
//   nbits::CompareOptions options;
//   options.original.file = "model.mlmodel";
//   options.output = "anew";
//   options.resume = true;
//   assert(nbits::CheckResume(options).ok());  // There is nothing yet.
absl::Status CheckResume(const CompareOptions& options);

// The other end: loads `model` for inputs of `shapes` (default ones for those not named) and
// answers requests, one line of JSON each, read from descriptor `input`, on descriptor `output`,
// until `input` ends. A request with inputs of other shapes prepares the model anew for them.
// Errors of the model are answers; the status tells of broken descriptors only.
absl::Status ServeMeasurements(const std::string& model, const EngineOptions& options, int input,
                               int output, const std::map<std::string, Shape>& shapes = {});

// "255=ignore,10=0" (ids) or "person=15" (grey) as CompareOptions::mask_map. InvalidArgument with
// the part that is wrong.
absl::StatusOr<MaskMap> ParseMaskMap(absl::string_view text);

}  // namespace nbits

#endif  // NBITS_COMPARE_H_

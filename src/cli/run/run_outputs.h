// SPDX-License-Identifier: Apache-2.0
// From what a network gave to files and to what `nbits run` says about them.
#ifndef NBITS_CLI_RUN_RUN_OUTPUTS_H_
#define NBITS_CLI_RUN_RUN_OUTPUTS_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/run/run_detections.h"
#include "cli/run/run_inputs.h"
#include "nbits/engine.h"
#include "nbits/model.h"
#include "nbits/predictor.h"
#include "nbits/tensor.h"

namespace nbits::cli {

// A name that is safe as a file's: letters, digits, '.', '-' and '_' stay, anything else becomes
// '_', as does a leading '.'; at most 150 bytes; "output" for an empty name.
std::string FileNameOf(const std::string& name);

// FileNameOf, with a number where another one has that name.
std::string UniqueFileName(const std::string& name, std::set<std::string>& taken);

struct ClassShare {
  int id = 0;
  std::string label;  // "class 3" where the model does not say.
  std::string color;  // "#rrggbb".
  double share = 0;   // Of the pixels.
};

struct LabelProbability {
  std::string label;
  double probability = 0;
};

struct OutputReport {
  std::string name;
  Shape shape;
  std::vector<std::string> files;            // The .npy, then what is drawn of it.
  std::vector<ClassShare> classes;           // Segmentation: those that occur, largest first.
  std::vector<LabelProbability> top_labels;  // Classification: the best five.
  std::vector<std::string> notes;            // Why something is not what one might expect.
};

// Writes into the existing `folder`, of what the network gave for `inputs`:
//   NAME.npy       every output;
//   NAME.png       what can be seen: a picture, a matte in grey with its soft edges, or else the
//                  classes in the model's colours;
//   NAME.mask.png  beside a matte: what of it is taken for the object, in colours;
//   NAME.csv       a classifier's labels and probabilities, in the array's order.
absl::StatusOr<std::vector<OutputReport>> WriteOutputs(const ModelDescription& model,
                                                       const RunInputs& inputs,
                                                       const TensorMap& outputs,
                                                       const std::string& folder);

struct RunReport {
  std::string model;
  std::string input;        // One of several runs: the file that it is of.
  double milliseconds = 0;  // Of the run, without loading.
  int64_t activation_bytes = 0;
  std::vector<OutputReport> outputs;
  FeatureMap values;  // Outputs that are no arrays.
  std::optional<DetectionReport> detections;
  std::vector<LayerProfile> profile;  // Empty without --profile.
  std::vector<std::string> notes;
};
// One run, or several.
std::string RunText(const std::vector<RunReport>& reports);
// An object, or an array of them.
std::string RunJson(const std::vector<RunReport>& reports);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_RUN_OUTPUTS_H_

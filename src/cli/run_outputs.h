// SPDX-License-Identifier: Apache-2.0
// From what a network gave to files and to what `nbits run` says about them.
#ifndef NBITS_CLI_RUN_OUTPUTS_H_
#define NBITS_CLI_RUN_OUTPUTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/engine.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits::cli {

// A name that is safe as a file's: letters, digits, '.', '-' and '_' stay, anything else becomes
// '_', as does a leading '.'; at most 150 bytes; "output" for an empty name.
std::string FileNameOf(const std::string& name);

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
  std::vector<std::string> files;            // The .npy, then pictures.
  std::vector<ClassShare> classes;           // Segmentation: those that occur, largest first.
  std::vector<LabelProbability> top_labels;  // Classification: the best five.
};

// Writes into the existing `folder`: every output as NAME.npy; image outputs as NAME.png; the
// output that is a segmentation as a palette PNG in the model's colours, NAME.png (NAME.mask.png if
// it is an image output as well).
absl::StatusOr<std::vector<OutputReport>> WriteOutputs(const ModelDescription& model,
                                                       const TensorMap& outputs,
                                                       const std::string& folder);

struct RunReport {
  std::string model;
  double milliseconds = 0;  // Of the run, without loading.
  int64_t activation_bytes = 0;
  std::vector<OutputReport> outputs;
  std::vector<LayerProfile> profile;  // Empty without --profile.
};
std::string RunText(const RunReport& report);
std::string RunJson(const RunReport& report);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_OUTPUTS_H_

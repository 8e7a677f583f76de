// SPDX-License-Identifier: Apache-2.0
// From `--input NAME=FILE` to the tensors that a network takes.
#ifndef NBITS_CLI_RUN_RUN_INPUTS_H_
#define NBITS_CLI_RUN_RUN_INPUTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/predictor.h"
#include "nbits/tensor.h"

namespace nbits::cli {

// A model that can run; what is wrong with it comes before what is wrong with the inputs.
absl::StatusOr<Model> OpenToRun(const std::string& file);

struct InputSource {
  const FeatureDescription* feature;
  std::string file;
};
using InputSources = std::vector<InputSource>;

// One argument: "NAME=FILE" or, where the model has one input or one that is not optional, "FILE".
// InvalidArgument, which `option` begins: a name the model does not have, a name that is missing.
absl::StatusOr<InputSource> ParseSource(const std::vector<FeatureDescription>& features,
                                        const std::string& argument, const std::string& option);

// All of them; a folder stands for the files in it that are named after the inputs. InvalidArgument
// as above, or an input that is given twice.
absl::StatusOr<InputSources> ParseSources(const std::vector<FeatureDescription>& features,
                                          const std::vector<std::string>& arguments);

// The same for arguments that make several runs: an input that is given again begins the next one.
// What `common` gives is given to each.
absl::StatusOr<std::vector<InputSources>> ParseRuns(const std::vector<FeatureDescription>& features,
                                                    const std::vector<std::string>& common,
                                                    const std::vector<std::string>& arguments);

// InvalidArgument names a needed input that has no source.
absl::Status CheckComplete(const std::vector<FeatureDescription>& features,
                           const InputSources& sources);

struct RunInputs {
  TensorMap tensors;                         // Pictures and arrays.
  FeatureMap values;                         // Numbers, text and dictionaries.
  std::map<std::string, std::string> files;  // What was given for each.
  // Shapes that differ from the model's defaults, for Predictor::Create.
  std::map<std::string, Shape> shapes;
  std::map<std::string, Shape> pictures;  // [height, width] of the inputs that are pictures.
  std::vector<std::string> notes;         // What the user should know of them.
};

// Reads every file as ReadInputFile does, and values in place of files (cli/run/run_values.h).
// InvalidArgument: an unreadable file, a picture for an array, a shape that does not fit, options
// that no input takes.
absl::StatusOr<RunInputs> ReadInputs(const std::vector<FeatureDescription>& features,
                                     const InputSources& sources, const PictureOptions& options);

// "nbits: note: ..." on stderr.
void PrintNotes(const std::vector<std::string>& notes);

}  // namespace nbits::cli

#endif  // NBITS_CLI_RUN_RUN_INPUTS_H_

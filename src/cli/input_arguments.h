// SPDX-License-Identifier: Apache-2.0
// The options by which every command that runs models is given inputs.
#ifndef NBITS_CLI_INPUT_ARGUMENTS_H_
#define NBITS_CLI_INPUT_ARGUMENTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/predictor.h"
#include "nbits/tensor.h"

namespace CLI {
class App;
}

namespace nbits::cli {

// Options are written into what is given, which must outlive `command`.

// Adds --size, --scale, --bias and --layout.
void AddPictureArguments(CLI::App& command, PictureOptions& pictures);

struct InputArguments {
  std::vector<std::string> files;   // NAME=FILE or FILE.
  std::vector<std::string> shapes;  // NAME=AxBxC or AxBxC.
  PictureOptions pictures;

  bool operator==(const InputArguments&) const = default;
};

// Adds these, -i,--input and, where inputs may do without a file, --shape.
void AddInputArguments(CLI::App& command, InputArguments& arguments, bool with_shapes);

// `status` with what there is to say about these shapes.
absl::Status WithShapeHint(const absl::Status& status,
                           const std::vector<FeatureDescription>& features,
                           const std::map<std::string, Shape>& shapes);

// The same where that may help: when a run's memory is not there, and is more for larger inputs.
absl::Status WithMemoryHint(const absl::Status& status,
                            const std::vector<FeatureDescription>& features,
                            const std::map<std::string, Shape>& shapes);

// What a run without files takes.
struct GivenInputs {
  TensorMap tensors;                    // Of the inputs that have a file.
  FeatureMap values;                    // Numbers, text and dictionaries.
  std::map<std::string, Shape> shapes;  // That differ from the model's defaults.
};

// Reads the files, and prints a note for a picture that had to take another size. Inputs without a
// file have the shape of --shape, of --size, or the default one. InvalidArgument as ReadInputs, or
// a shape that cannot be read.
absl::StatusOr<GivenInputs> ReadGivenInputs(const std::vector<FeatureDescription>& features,
                                            const InputArguments& arguments);

}  // namespace nbits::cli

#endif  // NBITS_CLI_INPUT_ARGUMENTS_H_

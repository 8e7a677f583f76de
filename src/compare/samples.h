// SPDX-License-Identifier: Apache-2.0
// What a comparison runs its models on: pictures, or arrays from files.
#ifndef NBITS_SRC_COMPARE_SAMPLES_H_
#define NBITS_SRC_COMPARE_SAMPLES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/compare.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits {

struct Sample {
  TensorMap inputs;
  std::optional<Image> picture;  // What the model sees, at its input's size; none for arrays.
};

class Samples {
 public:
  // Of options.images: its JPEG and PNG files, or, where it has none itself, those of its folders,
  // as "folder/name" (pictures sorted by class). Of options.inputs: files for the model's only
  // input, or folders with a file NAME.npy, NAME.png or NAME.jpg for each input. At most
  // options.limit. InvalidArgument: `model` cannot be run on them, or both or neither is given;
  // NotFound: there are none.
  static absl::StatusOr<Samples> List(const CompareOptions& options, const ModelDescription& model);

  const std::vector<std::string>& names() const { return names_; }
  // Files that are no samples, with the reason.
  const std::vector<std::pair<std::string, std::string>>& skipped() const { return skipped_; }
  // The input that is shown as a picture; null when the model takes none.
  const FeatureDescription* picture() const { return picture_ ? &*picture_ : nullptr; }

  // "image", or "a, b" of a model that needs two.
  std::string InputNames() const;

  absl::StatusOr<Sample> Read(size_t number) const;

 private:
  Samples(const std::string& folder, const ModelDescription& model);
  absl::Status ListPictures();
  absl::Status ListInputs();
  bool IsComplete(const std::string& name) const;
  absl::Status ReadFile(const FeatureDescription& input, const std::string& file,
                        Sample& sample) const;
  std::optional<std::string> FileOf(const std::string& name, const FeatureDescription& input) const;

  std::string folder_;
  std::vector<FeatureDescription> inputs_;  // Those that are not optional first.
  size_t needed_ = 0;                       // So many of them.
  std::optional<FeatureDescription> picture_;
  std::vector<std::string> names_;
  std::vector<std::pair<std::string, std::string>> skipped_;
};

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_SAMPLES_H_

// SPDX-License-Identifier: Apache-2.0
// What a comparison runs its models on: pictures, or arrays from files.
#ifndef NBITS_COMPARE_SAMPLES_H_
#define NBITS_COMPARE_SAMPLES_H_

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
  // What the model sees, at its input's size, also of a picture given as an array; none for arrays
  // that are no pictures by their shape.
  std::optional<Image> picture;
  int own_width = 0, own_height = 0;  // Of the file's picture or array.
  std::vector<std::string> notes;     // Pictures that are not run at their own size.
};

class Samples {
 public:
  // Of options.images: its JPEG and PNG files, or, where it has none itself, those of its folders,
  // as "folder/name" (pictures sorted by class); or it is such a file. Of options.inputs: files for
  // the model's only input, or folders with a file NAME.npy, NAME.png or NAME.jpg for each input;
  // or it is such a file. At most options.limit. InvalidArgument: `model` (named by its file)
  // cannot be run on them, or both or neither is given; NotFound: there are none.
  static absl::StatusOr<Samples> List(const CompareOptions& options, const ModelDescription& model);

  const std::vector<std::string>& names() const { return names_; }
  // Files that are no samples, with the reason.
  const std::vector<std::pair<std::string, std::string>>& skipped() const { return skipped_; }
  // The input that is shown as a picture, as an image of the sample's size; nothing when the model
  // takes none.
  std::optional<FeatureDescription> PictureOf(const Sample& sample) const;

  // "image", or "a, b" of a model that needs two.
  std::string InputNames() const;

  absl::StatusOr<Sample> Read(size_t number) const;
  // The files that Read reads.
  std::vector<std::string> Files(size_t number) const;

 private:
  Samples(const CompareOptions& options, const ModelDescription& model);
  absl::Status List(bool pictures);
  absl::Status CheckTakesPictures() const;
  absl::Status ListPictures();
  absl::Status ListInputs();
  // The inputs that have no file in the folder `name`: "a.npy, b.npy".
  std::string MissingIn(const std::string& name) const;
  absl::Status ReadFile(const FeatureDescription& input, const std::string& file,
                        Sample& sample) const;
  // The picture that the input's array shows, where it shows one.
  static void ShowArray(const FeatureDescription& input, Sample& sample);

  std::string folder_;
  PictureOptions options_;
  std::vector<FeatureDescription> inputs_;  // Those that are not optional first.
  size_t needed_ = 0;                       // So many of them.
  std::optional<FeatureDescription> picture_;
  std::optional<FeatureDescription> shown_array_;  // The only input, where its arrays are pictures.
  std::vector<std::string> names_;
  std::vector<std::pair<std::string, std::string>> skipped_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_SAMPLES_H_

// SPDX-License-Identifier: Apache-2.0
// The pictures of a results folder: OUTPUT/pictures/N/...
#ifndef NBITS_COMPARE_PICTURES_GALLERY_H_
#define NBITS_COMPARE_PICTURES_GALLERY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/judge/score.h"
#include "compare/judge/task.h"
#include "nbits/detection.h"
#include "nbits/image.h"
#include "nbits/results.h"

namespace nbits {

// One picture's folder. Besides the files that results.json names (image.jpg, truth.png, V.png for
// variant number V) it holds, for people: V-colors.png, V-blur.jpg (background blurred) and
// V-difference.png (against variant 0).
class PictureFolder {
 public:
  // Makes OUTPUT/pictures/NUMBER. `image` is what the model saw, at its input's size.
  static absl::StatusOr<PictureFolder> Create(const std::string& output, int number,
                                              const Image& image);

  absl::Status WriteImage(PictureResult& result) const;
  absl::Status WriteTruth(const Task& task, const ClassMap& truth, PictureResult& result) const;
  // The picture with its true boxes, for people.
  absl::Status WriteTruth(const Task& task, const std::vector<Detection>& truth) const;
  // Fills result.ids or result.image.
  absl::Status WriteAnswer(const Task& task, int variant, const Answer& original,
                           const Answer& answer, PictureOutput& result) const;

 private:
  PictureFolder(std::string output, std::string folder, const Image& image);
  absl::Status WriteMaps(const Task& task, const std::string& stem, const ClassMap& original,
                         const ClassMap& map) const;
  // `name` within this folder; `contents` may be an error, which is passed on.
  absl::Status Write(const std::string& name, const absl::StatusOr<std::string>& contents) const;
  std::string Relative(const std::string& name) const;

  std::string output_, folder_;
  Image image_;  // RGB.
};

}  // namespace nbits

#endif  // NBITS_COMPARE_PICTURES_GALLERY_H_

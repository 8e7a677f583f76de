// SPDX-License-Identifier: Apache-2.0
// Judges the answers of all contenders, picture by picture, and writes the pictures.
#ifndef NBITS_COMPARE_JUDGE_JUDGE_H_
#define NBITS_COMPARE_JUDGE_JUDGE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/judge/labels.h"
#include "compare/judge/score.h"
#include "compare/judge/task.h"
#include "compare/pictures/gallery.h"
#include "nbits/compare.h"
#include "nbits/image.h"
#include "nbits/results.h"

namespace nbits {

class Judge {
 public:
  // What is judged against what; both outlive the judge.
  Judge(const CompareOptions& options, const ModelDescription& model)
      : options_(options), model_(model) {}

  // Nothing before the original's first outputs.
  const std::optional<Task>& task() const { return task_; }
  // Recognises the task from what the original gave (or takes the one that was asked for:
  // InvalidArgument when the outputs do not allow it, or it has not what is asked for of it, see
  // compare/preflight.h). `picture`: the input that is one, or null; `samples`: all that there are.
  absl::Status SetTask(const FeatureDescription* picture, const TensorMap& outputs,
                       const std::vector<std::string>& samples);

  // Begins a sample, whose pictures go into the folder `number`, with its picture as the model sees
  // it (nothing for arrays) and the original's outputs, and writes the picture and its truth.
  // `seen`: [height, width] of an input that is a picture's array, or empty; maps are judged at the
  // picture's size, else at that one, else at their own. A mask that cannot be used is `problem`.
  absl::Status Begin(int number, const std::string& name, const std::optional<Image>& image,
                     const Shape& seen, TensorMap outputs, std::optional<std::string>& problem);
  const PictureResult& picture() const { return picture_; }

  // Judges one contender's outputs for this picture. `row`: the number of its pictures, which are
  // written, 0 being the original; none for the original's second process.
  absl::StatusOr<Judgement> JudgeOutputs(TensorMap outputs, std::optional<int> row);

  // Where the truth is from, as in results.json; nothing when there was none.
  std::optional<std::string> truth_source() const;

 private:
  absl::Status FindTruth(std::optional<std::string>& problem);
  absl::Status FindTrueBoxes(std::optional<std::string>& problem);

  const CompareOptions& options_;
  const ModelDescription& model_;
  std::optional<Task> task_;
  std::optional<TrueLabels> labels_;
  bool has_masks_ = false, has_boxes_ = false;
  // Of the picture at hand:
  std::optional<PictureFolder> folder_;
  PictureResult picture_;
  int width_ = 0, height_ = 0;  // At which it is judged.
  Answer original_;
  Truth truth_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_JUDGE_H_

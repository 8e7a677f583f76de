// What one model gave for one picture, set against the original's answer and the truth.
#ifndef NBITS_SRC_COMPARE_SCORE_H_
#define NBITS_SRC_COMPARE_SCORE_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/task.h"
#include "nbits/class_map.h"
#include "nbits/image.h"
#include "nbits/metrics.h"
#include "nbits/results.h"
#include "nbits/tensor.h"

namespace nbits {

// A model's outputs in the task's terms.
struct Answer {
  TensorMap outputs;
  ClassMap map;   // kSegmentation: at the size of the model's input.
  Image picture;  // kImageToImage.
};

// InvalidArgument when the task's output is missing or of another form than the original's.
absl::StatusOr<Answer> Interpret(const Task& task, TensorMap outputs, int width, int height);

struct Truth {
  std::optional<ClassMap> map;  // At the size of the model's input; ids below task.classes or 255.
  int label = -1;               // -1: not known.
};

// Gathers one model's figures over all pictures.
class Score {
 public:
  explicit Score(const Task& task) : task_(task), agreement_(256), truth_(task.classes) {}

  // Returns the figures of this picture alone (without files). The same task throughout.
  absl::StatusOr<PictureOutput> Add(const Answer& original, const Answer& answer,
                                    const Truth& truth);
  // `is_original`: decibels against itself say nothing and are left out.
  ResultMetrics Finish(bool is_original) const;

 private:
  absl::Status AddMap(const Answer& original, const Answer& answer, const Truth& truth,
                      PictureOutput& picture);
  void AddLabels(const Answer& original, const Answer& answer, const Truth& truth,
                 PictureOutput& picture);
  absl::Status AddArrays(const Answer& original, const Answer& answer);
  absl::Status AddDifference(const Tensor& original, const Tensor& answer, double& snr,
                             double& psnr);

  const Task& task_;
  ConfusionMatrix agreement_, truth_;
  int64_t pictures_ = 0, labelled_ = 0, right_ = 0, same_top1_ = 0, same_top5_ = 0;
  double snr_sum_ = 0, psnr_sum_ = 0, max_relative_difference_ = 0;
};

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_SCORE_H_

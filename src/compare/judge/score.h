// SPDX-License-Identifier: Apache-2.0
// What one model gave for one picture, set against the original's answer and the truth.
#ifndef NBITS_COMPARE_JUDGE_SCORE_H_
#define NBITS_COMPARE_JUDGE_SCORE_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/judge/task.h"
#include "nbits/class_map.h"
#include "nbits/detection.h"
#include "nbits/image.h"
#include "nbits/metrics.h"
#include "nbits/results.h"
#include "nbits/tensor.h"

namespace nbits {

// A model's outputs in the task's terms.
struct Answer {
  TensorMap outputs;
  ClassMap map;   // kSegmentation: at the size of the model's input.
  Image matte;    // kSegmentation by matte of 0..1 or 0..255: grey, 255 = foreground.
  Image picture;  // kImageToImage.
  std::vector<Detection> boxes;  // kDetection.
};

// InvalidArgument when the task's output is missing or of another form than the original's.
absl::StatusOr<Answer> Interpret(const Task& task, TensorMap outputs, int width, int height);

struct Truth {
  std::optional<ClassMap> map;  // At the size of the model's input; ids below task.classes or 255.
  int label = -1;               // -1: not known.
  std::optional<std::vector<Detection>> boxes = {};
};

// What one picture, or several, add to a model's figures.
struct Tally {
  explicit Tally(const Task& task) : agreement(256), truth(task.judged_class ? 2 : task.classes) {}
  void Merge(const Tally& other);  // Of the same task.

  ConfusionMatrix agreement;  // With the original's map for the truth.
  ConfusionMatrix truth;      // Of all classes, or of the rest (0) and the judged one (1).
  int64_t pictures = 0;
  int64_t masked = 0;                                   // Pictures with a true mask or boxes,
  double boundary_sum = 0, agreement_boundary_sum = 0;  // and sums of boundary F measures.
  int64_t labelled = 0, right = 0, right_in_five = 0;   // Pictures with a true label.
  int64_t same_top1 = 0, same_top5 = 0;
  // Of one picture: each output's difference from the original's, where arrays are compared.
  std::vector<ArrayDifference> outputs;
  int64_t blank = 0;      // Pictures whose mask is all background while the original's is not.
  int64_t nonfinite = 0;  // NaN and infinities among the outputs.
  DetectionMatches agreement_boxes;  // With the original's boxes for the truth.
  DetectionMatches true_boxes;
};

struct Judgement {
  PictureOutput output;  // Without files.
  Tally tally;
};

// Sets one model's answer for one picture against the original's and the truth.
absl::StatusOr<Judgement> JudgeAnswer(const Task& task, const Answer& original,
                                      const Answer& answer, const Truth& truth);

// Without decibels and differences, whose scale is that of all pictures: see picture_score.h.
ResultMetrics MetricsOf(const Task& task, const Tally& tally);

// What follows from boxes matched with the original's and with the true ones.
void SetBoxMeasures(const DetectionMatches& agreement, const DetectionMatches& truth,
                    ResultMetrics& metrics);

// Whether outputs are compared as arrays, in decibels.
bool ComparesArrays(const Task& task);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_SCORE_H_

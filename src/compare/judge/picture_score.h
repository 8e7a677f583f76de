// SPDX-License-Identifier: Apache-2.0
// What one picture adds to a model's figures, kept small: enough to judge any choice of pictures.
#ifndef NBITS_COMPARE_JUDGE_PICTURE_SCORE_H_
#define NBITS_COMPARE_JUDGE_PICTURE_SCORE_H_

#include <cstdint>
#include <vector>

#include "compare/judge/score.h"
#include "compare/judge/task.h"
#include "nbits/metrics.h"
#include "nbits/results.h"

namespace nbits {

// Pixels of one class: in both maps, in the true one, in the predicted one.
struct ClassPixels {
  int id = 0;
  int64_t both = 0, truth = 0, predicted = 0;
};

struct PictureScore {
  std::vector<ClassPixels> agreement, truth;  // Classes that occur.
  bool masked = false, labelled = false;
  bool right = false, right_in_five = false, same_top1 = false, same_top5 = false;
  double boundary = 0, agreement_boundary = 0;
  std::vector<ArrayDifference> outputs;  // Where arrays are compared.
  DetectionMatches agreement_boxes, true_boxes;
  // Of the worst output, once the scale of each is known.
  double snr_db = 0, psnr_db = 0, relative_difference = 0;
  std::vector<double> output_psnr_db = {};  // Of each.
};

// Of the tally of one picture.
PictureScore ScoreOf(const Tally& tally);

// Power and peak of one output of the original over all pictures. An output that is nearly nothing
// on one picture is not judged by the scale of that nothing.
struct OutputScale {
  double power = 0, peak = 0;
};
std::vector<OutputScale> ScalesOf(const std::vector<const PictureScore*>& original);

// Fills in decibels and difference. What is equal, or nearly, counts as 120 dB.
void SetDecibels(const std::vector<OutputScale>& scales, PictureScore& score);

// Means of decibels and largest difference; no decibels where all outputs are equal.
void AddDecibels(const std::vector<const PictureScore*>& scores, bool is_original,
                 ResultMetrics& metrics);

// Index of the output whose PSNR is the lowest on the mean of the pictures; nullopt when there is
// one only, or none of them differs.
std::optional<size_t> WorstOutput(const std::vector<const PictureScore*>& scores);

// Sums over pictures, some of them perhaps several times, and the measures that follow.
class ScoreSums {
 public:
  explicit ScoreSums(const Task& task);
  void Clear();
  void Add(const PictureScore& score, double times);
  // As MetricsOf of the same pictures' tallies, without the largest difference.
  ResultMetrics Metrics() const;

 private:
  struct Pixels {
    std::vector<double> both, truth, predicted;  // By class.
    void Clear();
    void Add(const std::vector<ClassPixels>& classes, double times);
    std::optional<double> MeanIou() const;
    std::optional<double> Iou(size_t id) const;
    std::optional<double> Accuracy() const;
  };

  const Task& task_;
  Pixels agreement_, truth_;
  double pictures_ = 0, masked_ = 0, labelled_ = 0, right_ = 0, right_in_five_ = 0;
  double same_top1_ = 0, same_top5_ = 0, boundary_ = 0, agreement_boundary_ = 0;
  double snr_db_ = 0, psnr_db_ = 0;
  DetectionMatches agreement_boxes_, true_boxes_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_PICTURE_SCORE_H_

// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/judge/picture_score.h"
#include "results/metric_fields.h"
#include "tests/compare/row_map.h"

namespace nbits {
namespace {

using ::testing::DoubleNear;
using ::testing::Optional;

// Adds up the judgements of several pictures.
class Sum {
 public:
  explicit Sum(const Task& task) : task_(task), tally_(task) {}

  absl::StatusOr<PictureOutput> Add(const Answer& original, const Answer& answer,
                                    const Truth& truth) {
    auto judgement = JudgeAnswer(task_, original, answer, truth);
    if (!judgement.ok()) return judgement.status();
    tally_.Merge(judgement->tally);
    scores_.push_back(ScoreOf(judgement->tally));
    return judgement->output;
  }
  ResultMetrics Metrics(bool is_original = false) const {
    ResultMetrics metrics = MetricsOf(task_, tally_);
    std::vector<PictureScore> scores = scores_;
    std::vector<const PictureScore*> pointers;
    for (const PictureScore& score : scores) pointers.push_back(&score);
    const auto scales = ScalesOf(pointers);
    for (PictureScore& score : scores) SetDecibels(scales, score);
    if (ComparesArrays(task_)) AddDecibels(pointers, is_original, metrics);
    return metrics;
  }
  // The same from what is kept of each picture.
  ResultMetrics MetricsOfScores() const {
    ScoreSums sums(task_);
    for (const PictureScore& score : scores_) sums.Add(score, 1);
    return sums.Metrics();
  }

 private:
  const Task& task_;
  Tally tally_;
  std::vector<PictureScore> scores_;
};

Answer MapAnswer(const std::vector<uint8_t>& ids) {
  Answer answer;
  answer.outputs["y"] = Tensor{{1}, {1}};
  answer.map = RowMap(ids);
  return answer;
}

TEST(Score, SegmentationSumsOverPictures) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.output = "y";
  task.classes = 2;
  Sum score(task);
  const Truth truth{RowMap({0, 0, 1, 255}), -1};
  const auto first = score.Add(MapAnswer({0, 0, 1, 1}), MapAnswer({0, 1, 1, 1}), truth);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->agreement, 0.75);
  EXPECT_EQ(first->miou, 0.5);  // Both classes: 1 of 2.
  ASSERT_TRUE(score.Add(MapAnswer({0, 0, 1, 1}), MapAnswer({0, 0, 1, 1}), truth).ok());
  const ResultMetrics metrics = score.Metrics();
  EXPECT_EQ(metrics.agreement, 7.0 / 8);
  EXPECT_THAT(metrics.miou, Optional(DoubleNear((3.0 / 4 + 2.0 / 3) / 2, 1e-12)));
  EXPECT_THAT(metrics.pixel_accuracy, Optional(DoubleNear(5.0 / 6, 1e-12)));
  EXPECT_EQ(metrics.class_iou.size(), 2u);
  EXPECT_EQ(metrics.boundary_f, 1);          // One step in a row is within two pixels of the other.
  EXPECT_FALSE(metrics.snr_db.has_value());  // Labels have no decibels.
  const ResultMetrics again = score.MetricsOfScores();
  for (const MetricField& field : kMetricFields) {
    if (field.unit != Unit::kShare) continue;
    EXPECT_EQ(again.*field.member, metrics.*field.member) << field.name;
  }
}

Answer ArrayAnswer(std::vector<float> values) {
  Answer answer;
  answer.outputs["y"] = Tensor{{static_cast<int64_t>(values.size())}, std::move(values)};
  return answer;
}

// The same network in another unit of its output has the same figures.
TEST(Score, DecibelsDoNotDependOnTheUnit) {
  const Task task;
  std::vector<ResultMetrics> all;
  for (const float unit : {1.0f, 0x1p-20f, 0x1p20f}) {
    Sum score(task);
    ASSERT_TRUE(
        score.Add(ArrayAnswer({2 * unit, 4 * unit}), ArrayAnswer({3 * unit, 4 * unit}), {}).ok());
    all.push_back(score.Metrics());
    EXPECT_EQ(all.back().snr_db, all[0].snr_db);
    EXPECT_EQ(all.back().psnr_db, all[0].psnr_db);
  }
}

TEST(Score, EqualOutputsHaveNoDecibels) {
  const Task task;
  Sum score(task);
  ASSERT_TRUE(score.Add(ArrayAnswer({2, 4}), ArrayAnswer({2, 4}), {}).ok());
  EXPECT_FALSE(score.Metrics().psnr_db.has_value());
  EXPECT_EQ(score.Metrics().max_relative_difference, 0);
  // One that differs makes the others count as 120 dB.
  ASSERT_TRUE(score.Add(ArrayAnswer({2, 4}), ArrayAnswer({3, 4}), {}).ok());
  EXPECT_THAT(score.Metrics().psnr_db, Optional(DoubleNear((120 + 15.051) / 2, 0.001)));
}

// What is next to nothing on one picture is judged by what the output is on the others.
TEST(Score, AnOutputHasOneScaleOverAllPictures) {
  const Task task;
  Sum score(task);
  ASSERT_TRUE(score.Add(ArrayAnswer({10, -10}), ArrayAnswer({10, -10.1f}), {}).ok());
  ASSERT_TRUE(score.Add(ArrayAnswer({1e-6f, 0}), ArrayAnswer({1e-5f, 0}), {}).ok());
  EXPECT_GT(score.Metrics().psnr_db.value(), 40);
  EXPECT_LT(score.Metrics().max_relative_difference.value(), 0.02);
}

TEST(Score, NamesTheOutputThatLosesMost) {
  PictureScore first, second;
  first.output_psnr_db = {60, 50, 40};
  second.output_psnr_db = {60, 20, 35};
  first.relative_difference = 0.1;
  EXPECT_EQ(WorstOutput({&first, &second}), 1u);
  EXPECT_EQ(WorstOutput({&second}), std::nullopt);  // Nothing differs, so that none is worst.
  first.output_psnr_db = {60};
  EXPECT_EQ(WorstOutput({&first}), std::nullopt);
}

TEST(Score, NanOfAVariantIsCounted) {
  const Task task;
  const auto judged = JudgeAnswer(task, ArrayAnswer({1, 2}), ArrayAnswer({NAN, INFINITY}), {});
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_EQ(judged->tally.nonfinite, 2);
  EXPECT_EQ(judged->output.nonfinite_values, 2);
}

TEST(Score, ABlankMaskIsOneUnlikeTheOriginals) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.output = "y";
  task.classes = 2;
  const auto blank = [&](std::vector<uint8_t> original, std::vector<uint8_t> ids) {
    return JudgeAnswer(task, MapAnswer(original), MapAnswer(ids), {})->output.blank;
  };
  EXPECT_TRUE(blank({0, 0, 1}, {0, 0, 0}));
  EXPECT_FALSE(blank({0, 0, 0}, {0, 0, 0}));
  EXPECT_FALSE(blank({0, 0, 1}, {0, 1, 1}));
}

// The truth knows class 3 and the rest (0); the model's classes 1 and 2 are the rest too.
TEST(Score, OneJudgedClassHasItsOwnIou) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.output = "y";
  task.classes = 4;
  task.judged_class = 3;
  Sum score(task);
  const Truth truth{RowMap({3, 3, 3, 0, 0, 0}), -1};
  const auto first = score.Add(MapAnswer({3, 3, 1, 3, 2, 0}), MapAnswer({3, 3, 2, 3, 1, 0}), truth);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->iou, 0.5);  // 2 of 4.
  EXPECT_FALSE(first->miou.has_value());
  EXPECT_THAT(first->agreement, Optional(DoubleNear(4.0 / 6, 1e-12)));  // Of all four classes.
  const Answer right = MapAnswer({3, 3, 3, 1, 2, 0});
  ASSERT_TRUE(score.Add(right, right, truth).ok());
  const ResultMetrics metrics = score.Metrics();
  EXPECT_THAT(metrics.iou, Optional(DoubleNear(5.0 / 7, 1e-12)));
  EXPECT_THAT(metrics.pixel_accuracy, Optional(DoubleNear(10.0 / 12, 1e-12)));
  EXPECT_FALSE(metrics.miou.has_value());
  EXPECT_TRUE(metrics.class_iou.empty());
}

// The truth's boundary is known of one picture of two: its measure is not halved.
TEST(Score, BoundariesOfPicturesWithoutAMaskDoNotCount) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.output = "y";
  task.classes = 2;
  Sum score(task);
  const Answer answer = MapAnswer({0, 0, 1, 1});
  ASSERT_TRUE(score.Add(answer, answer, {RowMap({0, 0, 1, 1}), -1}).ok());
  ASSERT_TRUE(score.Add(answer, answer, {}).ok());
  EXPECT_EQ(score.Metrics().boundary_f, 1);
  EXPECT_EQ(score.Metrics().agreement_boundary_f, 1);
}

TEST(Score, WithoutTruthThereIsNoMeanIou) {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.output = "y";
  Sum score(task);
  ASSERT_TRUE(score.Add(MapAnswer({3}), MapAnswer({3}), {}).ok());
  EXPECT_FALSE(score.Metrics().miou.has_value());
  EXPECT_EQ(score.Metrics().agreement, 1);
}

Answer Probabilities(std::vector<float> values) {
  Answer answer;
  answer.outputs["p"] = Tensor{{static_cast<int64_t>(values.size())}, values};
  return answer;
}

TEST(Score, ClassificationCountsTopLabels) {
  Task task;
  task.kind = TaskKind::kClassification;
  task.output = "p";
  task.labels = {"a", "b", "c", "d", "e", "f"};
  Sum score(task);
  const Answer original = Probabilities({.5f, .2f, .1f, .1f, .06f, .04f});
  const auto same = score.Add(original, original, {std::nullopt, 0});
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->top[0].label, "a");
  EXPECT_EQ(same->top.size(), 5u);
  ASSERT_TRUE(score.Add(original, Probabilities({.2f, .5f, .1f, .1f, .06f, .04f}), {}).ok());
  ASSERT_TRUE(score.Add(original, Probabilities({0, .5f, .2f, .1f, .1f, .1f}), {}).ok());
  const ResultMetrics metrics = score.Metrics();
  EXPECT_THAT(metrics.top1_agreement, Optional(DoubleNear(1.0 / 3, 1e-12)));
  EXPECT_THAT(metrics.top5_agreement, Optional(DoubleNear(2.0 / 3, 1e-12)));
  EXPECT_EQ(metrics.top1, 1);  // Of the one picture whose class is known.
  EXPECT_EQ(metrics.top5, 1);
}

TEST(Score, ArraysTakeTheWorstOutput) {
  const Task task;
  Sum score(task);
  Answer original, answer;
  original.outputs["a"] = answer.outputs["a"] = Tensor{{2}, {1, 2}};
  original.outputs["b"] = Tensor{{2}, {4, -2}};
  answer.outputs["b"] = Tensor{{2}, {4, -1}};
  ASSERT_TRUE(score.Add(original, answer, {}).ok());
  const ResultMetrics metrics = score.Metrics();
  EXPECT_EQ(metrics.max_relative_difference, 0.25);
  // Signal (16 + 4) / 2 over noise 1 / 2: 20, in decibels.
  EXPECT_THAT(metrics.snr_db, Optional(DoubleNear(13.010, 0.001)));
  EXPECT_FALSE(score.Metrics(true).snr_db.has_value());
  EXPECT_FALSE(metrics.agreement.has_value());
}

TEST(Score, MissingOutputAndOtherSizesAreErrors) {
  const Task task;
  Sum score(task);
  Answer original, answer;
  original.outputs["a"] = Tensor{{2}, {1, 2}};
  EXPECT_FALSE(score.Add(original, answer, {}).ok());
  answer.outputs["a"] = Tensor{{3}, {1, 2, 3}};
  EXPECT_FALSE(score.Add(original, answer, {}).ok());
}

}  // namespace
}  // namespace nbits

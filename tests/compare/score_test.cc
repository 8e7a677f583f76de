// SPDX-License-Identifier: Apache-2.0
#include "compare/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    return judgement->output;
  }
  ResultMetrics Metrics(bool is_original = false) const {
    return MetricsOf(task_, tally_, is_original);
  }

 private:
  const Task& task_;
  Tally tally_;
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
  // Signal (16 + 1) / 2 over noise 1 / 2: 17, in decibels.
  EXPECT_THAT(metrics.snr_db, Optional(DoubleNear(12.304, 0.001)));
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

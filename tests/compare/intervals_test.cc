// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/intervals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compare/judge/statistics.h"

namespace nbits {
namespace {

using Scores = std::vector<PictureScore>;

std::vector<const PictureScore*> Pointers(const Scores& scores) {
  std::vector<const PictureScore*> pointers;
  for (const PictureScore& score : scores) pointers.push_back(&score);
  return pointers;
}

std::map<std::string, Interval> Intervals(const Task& task, const Scores& original,
                                          const Scores& variant, int resamples = kResamples) {
  ScoreSums sums(task);
  for (const PictureScore& score : variant) sums.Add(score, 1);
  return IntervalsOf(task, Pointers(original), Pointers(variant), sums.Metrics(), resamples);
}

Task Segmentation() {
  Task task;
  task.kind = TaskKind::kSegmentation;
  task.classes = 2;
  return task;
}

// 1000 pixels of each class, of which `right` of the second are found; as many were the original's.
PictureScore Mask(int64_t right) {
  PictureScore score;
  score.masked = true;
  score.truth = {{0, 1000, 1000, 2000 - right}, {1, right, 1000, right}};
  score.agreement = {{0, 1000, 1000, 1000}};
  return score;
}

TEST(Intervals, OfAMeanIsThatOfTextbooks) {
  Task task;
  task.kind = TaskKind::kArrays;
  std::mt19937 generator(1);
  std::normal_distribution<double> normal(40, 2);
  Scores scores(50);
  std::vector<double> values;
  for (PictureScore& score : scores) values.push_back(score.psnr_db = normal(generator));
  double sum = 0, squares = 0;
  for (double value : values) sum += value;
  const double mean = sum / 50;
  for (double value : values) squares += (value - mean) * (value - mean);
  const double half = StudentsT(49) * std::sqrt(squares / 49 / 50);
  const Interval found = Intervals(task, scores, scores).at("psnr_db");
  EXPECT_NEAR(found.low, mean - half, 0.1 * half);
  EXPECT_NEAR(found.high, mean + half, 0.1 * half);
}

// Where all boxes found are right, average precision is the share found: a mean over pictures.
TEST(Intervals, OfAveragePrecisionAreThoseOfItsPictures) {
  Task task;
  task.kind = TaskKind::kDetection;
  std::mt19937 generator(4);
  Scores original(40), variant(40);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < 40; ++i) {
    const int lost = static_cast<int>(generator() % 4);
    const DetectionMatches whole{std::vector<DetectionMatches::Found>(10, {1, 0.9, true}),
                                 {{1, 10}}};
    original[i].true_boxes = original[i].agreement_boxes = variant[i].true_boxes = whole;
    variant[i].true_boxes.found.resize(static_cast<size_t>(10 - lost));
    variant[i].agreement_boxes = variant[i].true_boxes;
    original[i].masked = variant[i].masked = true;
    sum += lost / 10.0;
    squares += lost * lost / 100.0;
  }
  const double mean = -sum / 40,
               half = StudentsT(39) * std::sqrt((squares / 40 - mean * mean) / 39);
  const auto found = Intervals(task, original, variant);
  for (const char* measure : {"map50", "agreement_map50", "agreement_recall"}) {
    ASSERT_TRUE(found.contains(measure)) << measure;
    EXPECT_NEAR(found.at(measure).low, mean - half, 0.1 * half) << measure;
    EXPECT_NEAR(found.at(measure).high, mean + half, 0.1 * half) << measure;
  }
  const Interval same = Intervals(task, original, original).at("map50");
  EXPECT_EQ(same.low, 0);
  EXPECT_EQ(same.high, 0);
}

// What both models find hard on the same pictures says nothing of their difference.
TEST(Intervals, DifferencesArePaired) {
  Scores original, variant;
  for (int i = 0; i < 30; ++i) {
    original.push_back(Mask(100 + 29 * i));
    variant.push_back(Mask(98 + 29 * i));
  }
  const Interval found = Intervals(Segmentation(), original, variant).at("miou");
  EXPECT_LT(found.high - found.low, 0.002);
  EXPECT_LT(found.high, 0);
  // The spread of the measure itself is far larger.
  Scores shifted(variant.begin() + 1, variant.end());
  shifted.push_back(variant[0]);
  const Interval apart = Intervals(Segmentation(), original, shifted).at("miou");
  EXPECT_GT(apart.high - apart.low, 0.05);
}

TEST(Intervals, AreTheSameEveryTimeAndWiderOfFewerPictures) {
  Scores original, variant;
  std::mt19937 generator(2);
  for (int i = 0; i < 200; ++i) {
    original.push_back(Mask(500 + static_cast<int64_t>(generator() % 400)));
    variant.push_back(Mask(500 + static_cast<int64_t>(generator() % 400)));
  }
  const auto width = [&](size_t count) {
    const Scores a(original.begin(), original.begin() + static_cast<long>(count));
    const Scores b(variant.begin(), variant.begin() + static_cast<long>(count));
    const Interval one = Intervals(Segmentation(), a, b).at("miou");
    const Interval two = Intervals(Segmentation(), a, b).at("miou");
    EXPECT_EQ(one.low, two.low);
    EXPECT_EQ(one.high, two.high);
    return one.high - one.low;
  };
  const double all = width(200);
  EXPECT_NEAR(width(50) / all, 2, 0.7);
  EXPECT_GT(width(6), 3 * all);
}

TEST(Intervals, OfOnePictureAreInfinite) {
  const Interval found = Intervals(Segmentation(), {Mask(500)}, {Mask(400)}).at("miou");
  EXPECT_EQ(found.low, -HUGE_VAL);
  EXPECT_EQ(found.high, HUGE_VAL);
}

// Of 20 answers that all stayed one does not know that others would; of 400 nearly.
TEST(Intervals, WholePicturesThatNeverChangedMightYet) {
  Task task;
  task.kind = TaskKind::kClassification;
  const auto low = [&](size_t count) {
    PictureScore score;
    score.labelled = score.right = score.same_top1 = true;
    const Scores scores(count, score);
    EXPECT_LE(Intervals(task, scores, scores).at("top1").high, 0);  // All are right already.
    return Intervals(task, scores, scores).at("top1").low;
  };
  EXPECT_NEAR(low(20), -1.96 / 22, 1e-4);
  EXPECT_NEAR(low(400), -1.96 / 402, 1e-5);
}

TEST(Intervals, HoldWhatIsTrueNineteenTimesOfTwenty) {
  Task task;
  task.kind = TaskKind::kArrays;
  std::mt19937 generator(3);
  std::exponential_distribution<double> skewed(0.5);  // Of mean 2.
  int held = 0;
  for (int round = 0; round < 200; ++round) {
    Scores scores(12);
    for (PictureScore& score : scores) score.snr_db = skewed(generator);
    const Interval found = Intervals(task, scores, scores, 200).at("snr_db");
    held += found.low <= 2 && 2 <= found.high;
  }
  EXPECT_GE(held, 178);  // 89 %, of so skewed a thing and so few pictures.
}

TEST(StudentsT, EqualsTables) {
  EXPECT_NEAR(StudentsT(1), 12.706, 0.001);
  EXPECT_NEAR(StudentsT(5), 2.571, 0.001);
  EXPECT_NEAR(StudentsT(11), 2.201, 0.001);
  EXPECT_NEAR(StudentsT(30), 2.042, 0.001);
  EXPECT_NEAR(StudentsT(100000), 1.960, 0.001);
  EXPECT_EQ(StudentsT(0), HUGE_VAL);
}

}  // namespace
}  // namespace nbits

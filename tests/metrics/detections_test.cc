// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "nbits/metrics.h"

namespace nbits {
namespace {

Detection Box(int class_id, double confidence, double x) {
  return {class_id, confidence, x, 0.5, 0.2, 0.2};
}

TEST(DetectionMatches, EqualBoxesAreAllRight) {
  DetectionMatches matches;
  const std::vector<Detection> boxes = {Box(0, 0.9, 0.2), Box(1, 0.5, 0.6)};
  matches.Add(boxes, boxes);
  EXPECT_EQ(matches.MeanAveragePrecision(), 1.0);
  EXPECT_EQ(matches.Precision(), 1.0);
  EXPECT_EQ(matches.Recall(), 1.0);
  EXPECT_EQ(matches.F1(), 1.0);
}

TEST(DetectionMatches, HalfOfTheUnionIsEnough) {
  // Shifted by a third of its width, a box has half of the union in common.
  DetectionMatches close, far;
  close.Add({Box(0, 1, 0.5)}, {Box(0, 0.9, 0.5 + 0.2 / 3 - 1e-9)});
  far.Add({Box(0, 1, 0.5)}, {Box(0, 0.9, 0.5 + 0.2 / 3 + 1e-9)});
  EXPECT_EQ(close.Recall(), 1.0);
  EXPECT_EQ(far.Recall(), 0.0);
}

TEST(DetectionMatches, AnotherClassIsNoMatch) {
  DetectionMatches matches;
  matches.Add({Box(0, 1, 0.5)}, {Box(1, 0.9, 0.5)});
  EXPECT_EQ(matches.MeanAveragePrecision(), 0.0);
}

TEST(DetectionMatches, ABoxIsFoundOnce) {
  DetectionMatches matches;
  matches.Add({Box(0, 1, 0.5)}, {Box(0, 0.4, 0.5), Box(0, 0.9, 0.51)});
  EXPECT_EQ(matches.Precision(), 0.5);
  EXPECT_EQ(matches.Recall(), 1.0);
  EXPECT_EQ(matches.MeanAveragePrecision(), 1.0);  // The better of the two came first.
  EXPECT_DOUBLE_EQ(matches.F1(), 2.0 / 3);
}

// Right, wrong, right of three expected: precision 1 up to a recall of a third, then 2/3.
TEST(DetectionMatches, AreaUnderTheBestPrecisions) {
  DetectionMatches matches, second;
  matches.Add({Box(0, 1, 0.1), Box(0, 1, 0.9)}, {Box(0, 0.9, 0.1), Box(0, 0.5, 0.9)});
  second.Add({Box(0, 1, 0.9)}, {Box(0, 0.7, 0.1)});
  matches.Merge(second);
  EXPECT_DOUBLE_EQ(*matches.MeanAveragePrecision(), (1 + 2.0 / 3) / 3);
}

TEST(DetectionMatches, NothingExpectedHasNoPrecision) {
  DetectionMatches nothing, wrong;
  nothing.Add({}, {});
  wrong.Add({}, {Box(0, 1, 0.5)});
  EXPECT_EQ(nothing.MeanAveragePrecision(), std::nullopt);
  EXPECT_EQ(nothing.F1(), 1.0);
  EXPECT_EQ(wrong.F1(), 0.0);
  EXPECT_EQ(wrong.Precision(), 0.0);
}

}  // namespace
}  // namespace nbits

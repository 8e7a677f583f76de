// SPDX-License-Identifier: Apache-2.0
#include "results/words.h"

#include <gtest/gtest.h>

namespace nbits {
namespace {

TEST(MeasureText, SharesAreRoundedDown) {
  EXPECT_EQ(MeasureText("miou", 0.71), "71.00 %");
  EXPECT_EQ(MeasureText("miou", 0.57), "57.00 %");  // 0.57 * 10000 is below 5700 in binary.
  EXPECT_EQ(MeasureText("agreement", 0.99996), "99.99 %");
  EXPECT_EQ(MeasureText("agreement", 1), "100.00 %");
}

TEST(MeasureText, OtherMeasuresHaveTheirUnits) {
  EXPECT_EQ(MeasureText("snr_db", 41.234), "41.2 dB");
  EXPECT_EQ(MeasureText("max_relative_difference", 0.01234), "0.012");
}

TEST(PointsText, HasAsManyDigitsAsItNeeds) {
  EXPECT_EQ(PointsText(0.005), "0.5 points");
  EXPECT_EQ(PointsText(0.01), "1 point");
  EXPECT_EQ(PointsText(-0.00193), "0.19 points");
  EXPECT_EQ(PointsText(0.1), "10 points");
  EXPECT_EQ(PointsText(0), "0 points");
}

TEST(MillisecondsText, TinyTimesKeepTheirDigits) {
  EXPECT_EQ(MillisecondsText(74.63), "74.6 ms");
  EXPECT_EQ(MillisecondsText(0.2131), "0.213 ms");
}

TEST(MeasureTitle, NamesTheClassThatIsJudged) {
  Results results;
  EXPECT_EQ(MeasureTitle(results, "miou"), "mIoU");
  EXPECT_EQ(MeasureTitle(results, "iou"), "IoU");
  results.judged_class = JudgedClass{15, "person"};
  EXPECT_EQ(MeasureTitle(results, "iou"), "IoU of person");
  EXPECT_EQ(MeasureTitle(results, "miou"), "mIoU");
  results.judged_class->label = "";
  EXPECT_EQ(MeasureTitle(results, "iou"), "IoU of class 15");
}

}  // namespace
}  // namespace nbits

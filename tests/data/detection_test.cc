// SPDX-License-Identifier: Apache-2.0
#include "nbits/detection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace nbits {
namespace {

const DetectorOutputs kNames = {"confidence", "coordinates"};

TEST(DetectionsOf, TakesTheBestClassAndLeavesEmptyRowsOut) {
  const auto found =
      DetectionsOf(kNames, {{"confidence", {{3, 2}, {0.2f, 0.7f, 0.0f, 0.0f, 0.5f, 0.1f}}},
                            {"coordinates", {{3, 4}, {1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8}}}});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].class_id, 1);
  EXPECT_EQ((*found)[1].height, 8);
}

TEST(DetectionsOf, NoRowsAreNoDetections) {
  const auto found =
      DetectionsOf(kNames, {{"confidence", {{0, 2}, {}}}, {"coordinates", {{0, 4}, {}}}});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->empty());
}

TEST(DetectionsOf, RefusesOtherShapes) {
  EXPECT_FALSE(DetectionsOf(kNames, {}).ok());
  EXPECT_FALSE(DetectionsOf(kNames, {{"confidence", {{2, 1}, {1, 1}}},
                                     {"coordinates", {{1, 4}, {1, 1, 1, 1}}}})
                   .ok());
  EXPECT_FALSE(
      DetectionsOf(kNames, {{"confidence", {{1, 0}, {}}}, {"coordinates", {{1, 4}, {1, 1, 1, 1}}}})
          .ok());
}

TEST(DrawDetections, MarksTheBoxesEdgesAndNamesIt) {
  const Image white{100, 80, 3, std::vector<uint8_t>(100 * 80 * 3, 255)};
  const auto drawn = DrawDetections(white, {{0, 0.9, 0.5, 0.5, 0.4, 0.5}}, {"dog"});
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  ASSERT_EQ(drawn->pixels.size(), white.pixels.size());
  const auto green = [&](int x, int y) { return drawn->pixels[(y * 100 + x) * 3 + 1]; };
  EXPECT_LT(green(30, 40), 200);  // Left edge.
  EXPECT_LT(green(50, 60), 200);  // Lower edge.
  EXPECT_EQ(green(50, 40), 255);  // Inside.
  EXPECT_LT(green(31, 12), 200);  // The plate of the label, beside its text.
  EXPECT_EQ(green(95, 75), 255);
}

TEST(DrawDetections, SurvivesBoxesThatAreNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Image grey{10, 10, 1, std::vector<uint8_t>(100, 7)};
  const auto drawn = DrawDetections(
      grey, {{5000, 1e30, nan, 1e30, -1e30, nan}, {0, 1, 0.5, 0.5, 1e9, 1e9}}, {"\xff\n"});
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_EQ(drawn->channels, 3);
}

}  // namespace
}  // namespace nbits

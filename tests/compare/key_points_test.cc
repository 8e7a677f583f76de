// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/key_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace nbits {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int kSeenWidth = 256, kSeenHeight = 192;

Tensor PointArray(Shape shape, std::vector<float> values) {
  return {.shape = std::move(shape), .values = std::move(values)};
}

// Points of `values` values each: x and y in the picture, the others negative or large.
std::vector<float> List(int points, int values, float width, float height) {
  std::vector<float> list;
  for (int i = 0; i < points; ++i) {
    const float turn = static_cast<float>(i);
    list.push_back(width * (0.5f + 0.4f * std::cos(turn)));
    list.push_back(height * (0.5f + 0.4f * std::sin(turn)));
    for (int v = 2; v < values; ++v) list.push_back(v == 2 ? -40.0f * std::sin(turn * 2) : -3.0f);
  }
  return list;
}

void ExpectCircle(const KeyPoints& points, int count) {
  ASSERT_THAT(points.x, SizeIs(static_cast<size_t>(count)));
  for (int i = 0; i < count; ++i) {
    EXPECT_NEAR(points.x[static_cast<size_t>(i)], 0.5 + 0.4 * std::cos(i), 1e-5);
    EXPECT_NEAR(points.y[static_cast<size_t>(i)], 0.5 + 0.4 * std::sin(i), 1e-5);
  }
}

TEST(KeyPoints, ReadsListsInPixelsAndInPartsOfThePicture) {
  for (const int values : {2, 3, 4, 5}) {
    SCOPED_TRACE(values);
    for (const bool flat : {true, false}) {
      const Shape shape = flat ? Shape{1, 39 * values} : Shape{1, 39, values};
      const auto found = FindKeyPoints(
          {{"landmarks", PointArray(shape, List(39, values, kSeenWidth, kSeenHeight))}}, kSeenWidth,
          kSeenHeight);
      ASSERT_TRUE(found.has_value());
      EXPECT_EQ(found->output, "landmarks");
      ExpectCircle(*found, 39);
    }
  }
  const auto parts = FindKeyPoints({{"Keypoints", PointArray({17, 2}, List(17, 2, 1, 1))}},
                                   kSeenWidth, kSeenHeight);
  ASSERT_TRUE(parts.has_value());
  ExpectCircle(*parts, 17);
}

TEST(KeyPoints, TakesTheVisibilityOfFiveValues) {
  const auto found =
      FindKeyPoints({{"landmarks", PointArray({195}, List(39, 5, kSeenWidth, kSeenHeight))}},
                    kSeenWidth, kSeenHeight);
  ASSERT_TRUE(found.has_value());
  ASSERT_THAT(found->confidence, SizeIs(39));
  EXPECT_NEAR(found->confidence[0], 1 / (1 + std::exp(3.0)), 1e-6);
}

TEST(KeyPoints, PointsInSpaceAreNone) {
  std::vector<float> metres;
  for (int i = 0; i < 39; ++i) {
    metres.insert(metres.end(), {0.6f * std::cos(1.0f * static_cast<float>(i)),
                                 0.6f * std::sin(1.0f * static_cast<float>(i)), 0.1f});
  }
  EXPECT_FALSE(
      FindKeyPoints({{"world_landmarks", PointArray({117}, metres)}}, kSeenWidth, kSeenHeight));
  EXPECT_FALSE(
      FindKeyPoints({{"landmarks", PointArray({39, 3}, metres)}}, kSeenWidth, kSeenHeight));
}

TEST(KeyPoints, ValuesOfOtherNamesAreNone) {
  EXPECT_FALSE(FindKeyPoints({{"boxes", PointArray({39, 2}, List(39, 2, kSeenWidth, kSeenHeight))}},
                             kSeenWidth, kSeenHeight));
  EXPECT_FALSE(FindKeyPoints({{"landmarks", PointArray({39, 2}, List(39, 2, 1, 1))}}, 0, 0));
}

// Maps of 12 x 16 cells, point i at row i + 2, column 2 i + 1.
std::vector<float> MapValues(int points, bool last) {
  std::vector<float> values(static_cast<size_t>(points) * 12 * 16, 0);
  for (int i = 0; i < points; ++i) {
    const auto at = [&](int y, int x) -> float& {
      return values[static_cast<size_t>(last ? (y * 16 + x) * points + i : (i * 12 + y) * 16 + x)];
    };
    at(i + 2, 2 * i + 1) = 0.9f;
    at(i + 2, 2 * i + 2) = 0.4f;
  }
  return values;
}

TEST(KeyPoints, FindsThePeaksOfHeatMaps) {
  for (const bool last : {false, true}) {
    SCOPED_TRACE(last);
    const Shape shape = last ? Shape{12, 16, 4} : Shape{1, 4, 12, 16};
    const auto found = FindKeyPoints({{"heatmap", PointArray(shape, MapValues(4, last))}},
                                     kSeenWidth, kSeenHeight);
    ASSERT_TRUE(found.has_value());
    EXPECT_THAT(found->x, ElementsAre(DoubleNear(1.75 / 16, 1e-6), DoubleNear(3.75 / 16, 1e-6),
                                      DoubleNear(5.75 / 16, 1e-6), DoubleNear(7.75 / 16, 1e-6)));
    EXPECT_NEAR(found->y[1], 3.5 / 12, 1e-6);
    EXPECT_THAT(found->confidence, SizeIs(4));
    EXPECT_NEAR(found->confidence[3], 0.9, 1e-6);
  }
}

TEST(KeyPoints, MovesPointsByOffsets) {
  std::vector<float> offsets(2 * 4 * 12 * 16, 0);
  for (size_t i = 0; i < offsets.size(); ++i) offsets[i] = i < offsets.size() / 2 ? 3.0f : -5.0f;
  const auto found = FindKeyPoints({{"heatmap", PointArray({4, 12, 16}, MapValues(4, false))},
                                    {"offsets", PointArray({8, 12, 16}, offsets)}},
                                   kSeenWidth, kSeenHeight);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->x[0], (1.0 * 255 / 15 - 5 + 0.5) / kSeenWidth, 1e-6);
  EXPECT_NEAR(found->y[0], (2.0 * 191 / 11 + 3 + 0.5) / kSeenHeight, 1e-6);
}

TEST(KeyPoints, MapsOfAnotherShapeOrWithoutANumberAreNone) {
  EXPECT_FALSE(
      FindKeyPoints({{"heatmap", PointArray({4, 12, 16}, MapValues(4, false))}}, 100, 300));
  auto values = MapValues(4, false);
  values[0] = std::nanf("");
  EXPECT_FALSE(
      FindKeyPoints({{"heatmap", PointArray({4, 12, 16}, values)}}, kSeenWidth, kSeenHeight));
}

}  // namespace
}  // namespace nbits

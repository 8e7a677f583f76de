// SPDX-License-Identifier: Apache-2.0
#include "compare/pictures/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbits {
namespace {

// Left half black background, right half white foreground.
Image HalfWhite(int size) {
  Image image{size, size, 3, {}};
  for (int i = 0; i < size * size; ++i) {
    const uint8_t value = i % size < size / 2 ? 0 : 255;
    image.pixels.insert(image.pixels.end(), 3, value);
  }
  return image;
}

ClassMap RightHalf(int size) {
  ClassMap map{size, size, {}};
  for (int i = 0; i < size * size; ++i) map.ids.push_back(i % size < size / 2 ? 0 : 1);
  return map;
}

TEST(BlurBackground, ForegroundStaysAndLeavesNoHalo) {
  const Image image = HalfWhite(32);
  EXPECT_EQ(BlurBackground(image, RightHalf(32), 0, 4).pixels, image.pixels);
}

TEST(BlurBackground, WithoutForegroundAnEdgeIsSmoothed) {
  const ClassMap all_background{32, 32, std::vector<uint8_t>(32 * 32, 0)};
  const Image blurred = BlurBackground(HalfWhite(32), all_background, 0, 2);
  const auto red = [&](size_t x) { return blurred.pixels[3 * (16 * 32 + x)]; };
  EXPECT_EQ(red(0), 0);
  EXPECT_EQ(red(31), 255);
  for (size_t x = 1; x < 32; ++x) EXPECT_GE(red(x), red(x - 1));
  EXPECT_GT(red(15), 60);  // The edge is between 15 and 16.
  EXPECT_LT(red(15), 128);
}

TEST(BlurBackground, ConstantPictureStaysForRadiiBeyondItsSize) {
  const Image grey{5, 3, 3, std::vector<uint8_t>(45, 77)};
  const ClassMap map{3, 5, std::vector<uint8_t>(15, 0)};
  for (int radius : {1, 2, 4, 5, 20}) {
    EXPECT_EQ(BlurBackground(grey, map, 0, radius).pixels, grey.pixels) << radius;
  }
}

TEST(DifferencePicture, MarksDifferingPixelsRed) {
  const Image grey{2, 1, 3, std::vector<uint8_t>(6, 80)};
  const Image picture = DifferencePicture(grey, ClassMap{1, 2, {1, 2}}, ClassMap{1, 2, {1, 0}});
  EXPECT_THAT(picture.pixels, ::testing::ElementsAre(40, 40, 40, 255, 0, 0));
}

TEST(DifferencePicture, AmplifiesAndClamps) {
  const Image a{1, 1, 3, {10, 200, 0}}, b{1, 1, 3, {13, 100, 0}};
  EXPECT_THAT(DifferencePicture(a, b, 8).pixels, ::testing::ElementsAre(24, 255, 0));
}

TEST(ToRgb, RepeatsGrey) {
  EXPECT_THAT(ToRgb({2, 1, 1, {3, 9}}).pixels, ::testing::ElementsAre(3, 3, 3, 9, 9, 9));
}

}  // namespace
}  // namespace nbits

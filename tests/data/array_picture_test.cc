// SPDX-License-Identifier: Apache-2.0
#include "data/array_picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/data/fixtures.h"

namespace nbits {
namespace {

// 20 rows of 16 pixels: red grows along a row, green is `green`, blue is `blue`.
Tensor RedPicture(const Shape& shape, bool last, float white, float green, float blue) {
  Tensor tensor{shape, std::vector<float>(3 * 20 * 16)};
  for (size_t i = 0; i < 20 * 16; ++i) {
    const float red = white * static_cast<float>(i % 16) / 15;
    const float colors[] = {red, green, blue};
    for (size_t c = 0; c < 3; ++c) {
      tensor.values[last ? i * 3 + c : c * 20 * 16 + i] = colors[c];
    }
  }
  return tensor;
}

void ExpectPicture(const std::optional<Image>& image, int green, int blue) {
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->width, 16);
  EXPECT_EQ(image->height, 20);
  for (size_t i = 0; i < 20 * 16; ++i) {
    EXPECT_EQ(image->pixels[3 * i], static_cast<int>(i % 16) * 17);
    EXPECT_EQ(image->pixels[3 * i + 1], green);
    EXPECT_EQ(image->pixels[3 * i + 2], blue);
  }
}

TEST(ArrayPicture, ChannelsComeFirstOrLast) {
  const Shape first = {1, 3, 20, 16}, last = {1, 20, 16, 3};
  EXPECT_TRUE(IsPictureArray(ArrayInput(first)));
  ExpectPicture(ArrayPicture(ArrayInput(first), RedPicture(first, false, 1, 0.2f, 0.4f)), 51, 102);
  EXPECT_TRUE(IsPictureArray(ArrayInput(last)));
  ExpectPicture(ArrayPicture(ArrayInput(last), RedPicture(last, true, 255, 7, 9)), 7, 9);
}

// From -1 to 1, as many networks want their pictures: black and white are the ends.
TEST(ArrayPicture, OtherValuesAreSpread) {
  const Shape shape = {3, 20, 16};
  Tensor tensor = RedPicture(shape, false, 255, 255, 0);
  for (float& value : tensor.values) value = value / 127.5f - 1;
  ExpectPicture(ArrayPicture(ArrayInput(shape), tensor), 255, 0);
}

TEST(ArrayPicture, WhatIsNoPictureIsNone) {
  EXPECT_FALSE(IsPictureArray(ArrayInput({400})));
  EXPECT_FALSE(IsPictureArray(ArrayInput({1, 20, 16})));
  EXPECT_FALSE(IsPictureArray(ArrayInput({2, 3, 20, 16})));
  const Shape thin = {3, 320, 1};
  EXPECT_FALSE(ArrayPicture(ArrayInput(thin), Tensor{thin, std::vector<float>(960)}));
  const Shape shape = {3, 20, 16};
  Tensor tensor = RedPicture(shape, false, 1, 0, 0);
  tensor.values[5] = std::nanf("");
  EXPECT_FALSE(ArrayPicture(ArrayInput(shape), tensor));
}

}  // namespace
}  // namespace nbits

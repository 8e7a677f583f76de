// SPDX-License-Identifier: Apache-2.0
#include "base/figures.h"

#include <gtest/gtest.h>

namespace nbits {
namespace {

// The values of web/test/format.test.js.
TEST(BytesText, HasThreeDigitsInTheLargestUnit) {
  EXPECT_EQ(BytesText(0), "0 bytes");
  EXPECT_EQ(BytesText(1), "1 byte");
  EXPECT_EQ(BytesText(999), "999 bytes");
  EXPECT_EQ(BytesText(1000), "1.00 kB");
  EXPECT_EQ(BytesText(1125), "1.13 kB");  // A half goes up.
  EXPECT_EQ(BytesText(1115), "1.11 kB");  // In binary it is less than a half.
  EXPECT_EQ(BytesText(12'345), "12.3 kB");
  EXPECT_EQ(BytesText(117'000), "117 kB");
  EXPECT_EQ(BytesText(8'430'000), "8.43 MB");
  EXPECT_EQ(BytesText(2'500'000'000), "2.50 GB");
  EXPECT_EQ(BytesText(1'234'000'000'000), "1234 GB");
}

TEST(CountText, OneIsNotSeveral) {
  EXPECT_EQ(CountText(0, "picture"), "0 pictures");
  EXPECT_EQ(CountText(1, "picture"), "1 picture");
  EXPECT_EQ(CountText(2, "more weight"), "2 more weights");
}

TEST(ShapeText, IsWhatOptionsTake) {
  EXPECT_EQ(ShapeText({3, 224, 224}), "3 x 224 x 224");
  EXPECT_EQ(ShapeText({16}), "16");
  EXPECT_EQ(ShapeText({}), "scalar");
}

}  // namespace
}  // namespace nbits

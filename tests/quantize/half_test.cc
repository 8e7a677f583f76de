// SPDX-License-Identifier: Apache-2.0
// Half floats: the fast kernels against the plain conversion, and that against arithmetic.
#include "tensor/half.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "tensor/kernels.h"
#include "tests/quantize/test_values.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using testing::OnEveryTarget;

// Every half float there is, and from float32 every half, its neighbours and the ties between.
TEST(Half, KernelsAgreeWithPlainConversion) {
  std::vector<uint16_t> halves(1 << 16);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  std::vector<float> slow(halves.size()), fast(halves.size());
  reference::DecodeHalf(halves.data(), slow);
  std::vector<float> values;
  for (size_t i = 0; i + 1 < slow.size(); ++i) {
    const float middle = (slow[i] + slow[i + 1]) / 2;
    for (float v : {slow[i], middle, std::nextafter(middle, 1e9f), std::nextafter(middle, -1e9f)}) {
      values.push_back(v);
    }
  }
  OnEveryTarget([&] {
    DecodeHalf(halves.data(), fast);
    EXPECT_EQ(std::memcmp(fast.data(), slow.data(), 4 * slow.size()), 0);
    std::vector<uint16_t> a(values.size()), b(values.size());
    EncodeHalf(values, a.data());
    reference::EncodeHalf(values, b.data());
    EXPECT_EQ(a, b);
    for (size_t length : kLengths) {
      std::vector<uint16_t> part(length + 1, 0xabcd);
      EncodeHalf({values.data() + 3, length}, part.data());
      EXPECT_TRUE(std::equal(part.begin(), part.end() - 1, b.begin() + 3));
      EXPECT_EQ(part.back(), 0xabcd);
    }
  });
}

// Independent of the formulas: a tie lies halfway between neighbouring codes.
TEST(Half, RoundTripsAndAgreesWithNearest) {
  for (uint32_t i = 0; i < 0x7c00; ++i) {
    const auto half = static_cast<uint16_t>(i);
    EXPECT_EQ(HalfFromFloat(FloatFromHalf(half)), half);
    const double low = FloatFromHalf(half), high = i < 0x7bff ? FloatFromHalf(half + 1) : 65536.0;
    EXPECT_EQ(HalfFromFloat(static_cast<float>((low + high) / 2)), i + i % 2);  // Ties to even.
  }
  EXPECT_EQ(FloatFromHalf(0x3c00), 1.0f);
  EXPECT_EQ(FloatFromHalf(0x0001), 0x1p-24f);
  EXPECT_EQ(FloatFromHalf(0xfbff), -65504.0f);
}

}  // namespace
}  // namespace nbits

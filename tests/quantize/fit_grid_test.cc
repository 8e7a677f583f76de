// SPDX-License-Identifier: Apache-2.0
// Fitted grids are exactly those that the file will hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "quantize/linear_grid.h"
#include "tests/quantize/test_values.h"

namespace nbits {
namespace {

LinearGrid StartOf(std::span<const float> values, int bits, bool symmetric) {
  const Extremes extremes = FindExtremes(values);
  return symmetric ? SymmetricGrid(extremes.minimum, extremes.maximum, bits)
                   : MinMaxGrid(extremes.minimum, extremes.maximum, bits);
}

bool AreSame(const LinearGrid& a, const LinearGrid& b) {
  return a.scale == b.scale && a.offset == b.offset && a.code.factor == b.code.factor;
}

// The scale and offset are Float32 values, and codes are made from them and from nothing finer.
void ExpectIsAsStored(const LinearGrid& grid) {
  const float scale = grid.stored_scale(), offset = grid.stored_offset();
  EXPECT_EQ(grid.scale, scale);
  EXPECT_EQ(grid.offset, offset);
  EXPECT_EQ(grid.code.offset, offset);
  EXPECT_EQ(grid.code.factor, 1.0 / scale);
  EXPECT_FALSE(grid.code.divide);
}

// By the definition, in double.
double ErrorOf(std::span<const float> values, const LinearGrid& grid) {
  double sum = 0;
  for (const float value : values) {
    const double position =
        (value - grid.code.offset) * (grid.code.divide ? 1 / grid.code.factor : grid.code.factor);
    const double code = std::clamp(std::nearbyint(position), 0.0, double(grid.code.max_code));
    const double error = code * grid.stored_scale() + grid.stored_offset() - value;
    sum += error * error;
  }
  return sum;
}

// Many channels, because the second part of the search replaces most grids of the first.
TEST(FitGrid, FindsGridsAsTheyAreStored) {
  constexpr size_t kLength = 48;
  int fitted = 0;
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    const std::vector<float> values = NormalValues(kLength, seed, 0.1);
    for (const bool symmetric : {false, true}) {
      for (int bits = 2; bits <= 5; ++bits) {
        const LinearGrid start = StartOf(values, bits, symmetric);
        const LinearGrid grid = GridFitter(kLength, bits, symmetric).Fit(values, start);
        if (AreSame(grid, start)) continue;  // Nothing better: the grid of coremltools, in double.
        SCOPED_TRACE(::testing::Message() << seed << ' ' << symmetric << ' ' << bits);
        ExpectIsAsStored(grid);
        ++fitted;
      }
    }
  }
  EXPECT_GT(fitted, 6000);  // Of 8000.
}

// A channel is constant up to a step of the smallest one, which coremltools compares by ">", and
// no further.
TEST(LinearGrids, TheSmallestStepIsAConstantChannels) {
  EXPECT_EQ(MinMaxGrid(0, 1, 1, 1.0).code.factor, 0);
  EXPECT_EQ(MinMaxGrid(0, 1, 1, std::nextafter(1.0, 0.0)).code.factor, 1);
  EXPECT_EQ(MinMaxGrid(-2, 13, 4, 1.0).code.factor, 0);
  EXPECT_EQ(MinMaxGrid(-2, 13, 4, 0.5).code.factor, 1);
  EXPECT_EQ(SymmetricGrid(-7, 3, 4, 1.0).code.factor, 0);
  EXPECT_EQ(SymmetricGrid(-7, 3, 4, 0.5).code.factor, 1);
  EXPECT_EQ(SymmetricGrid(-1, 0, 1, 2.0).code.factor, 0);
}

// The last code counts, not only the step and the first one.
TEST(LinearGrids, AreRepresentableWhenAllTheirCodesAre) {
  EXPECT_TRUE(IsRepresentable(MinMaxGrid(-3e38f, 3e38f, 8)));
  const LinearGrid beyond{{-1, 1, false, 255}, 2e36, 0};
  EXPECT_FALSE(IsRepresentable(beyond));  // 5.1e38.
}

// The search sees samples only; the promise is about all values. One value far outside, which no
// sample needs to meet, makes searched grids worse than the whole range.
TEST(FitGrid, IsNeverWorseThanTheWholeRange) {
  constexpr size_t kLength = 3000;
  int kept = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::vector<float> values = NormalValues(kLength, seed, 0.1);
    values[(seed * 37) % kLength] = 0.5f + 0.02f * static_cast<float>(seed);
    for (const bool symmetric : {false, true}) {
      for (int bits : {3, 6}) {
        const LinearGrid start = StartOf(values, bits, symmetric);
        const LinearGrid grid = GridFitter(kLength, bits, symmetric).Fit(values, start);
        EXPECT_LE(ErrorOf(values, grid), ErrorOf(values, start)) << seed << ' ' << bits;
        kept += AreSame(grid, start);
      }
    }
  }
  EXPECT_GT(kept, 100);  // Where the search found nothing better, which it is to notice.
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Fitted grids are exactly those that the file will hold.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nbits

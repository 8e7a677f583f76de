// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/statistics.h"

#include <gtest/gtest.h>

namespace nbits {
namespace {

TEST(Statistics, MedianOfOddAndEvenCounts) {
  EXPECT_EQ(Median({7}), 7);
  EXPECT_EQ(Median({3, 1, 2}), 2);
  EXPECT_EQ(Median({4, 1, 3, 2}), 2.5);
}

// numpy.percentile([1, 2, 3, 4, 10], [25, 75]) is [2, 4]; of [1, 2, 3, 4] it is [1.75, 3.25].
TEST(Statistics, InterquartileRangeAsNumPy) {
  EXPECT_EQ(InterquartileRange({10, 4, 3, 2, 1}), 2);
  EXPECT_EQ(InterquartileRange({1, 2, 3, 4}), 1.5);
  EXPECT_EQ(InterquartileRange({5}), 0);
}

TEST(Statistics, QuantileReachesBothEnds) {
  EXPECT_EQ(Quantile({2, 9, 4}, 0), 2);
  EXPECT_EQ(Quantile({2, 9, 4}, 1), 9);
}

}  // namespace
}  // namespace nbits

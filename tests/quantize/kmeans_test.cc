// SPDX-License-Identifier: Apache-2.0
#include "quantize/kmeans/kmeans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "nbits/quantize.h"
#include "quantize/kmeans/penalty_program.h"
#include "quantize/kmeans/sort_floats.h"
#include "quantize/kmeans/weighted_points.h"
#include "quantize/kmeans/window_program.h"
#include "quantize/nearest_encoder.h"
#include "tests/quantize/test_values.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;

// The optimum by definition: over all ways to cut the sorted values. O(clusters * n^2), in long
// double, sharing no code with what it checks.
double SlowOptimum(std::vector<float> values, std::vector<double> weights, size_t clusters) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  const size_t n = values.size();
  std::vector<long double> best(n + 1, std::numeric_limits<double>::infinity());
  best[0] = 0;
  for (size_t c = 0; c < std::min(clusters, n); ++c) {
    std::vector<long double> next(n + 1, std::numeric_limits<double>::infinity());
    for (size_t end = 1; end <= n; ++end) {
      long double mass = 0, mean = 0, cost = 0;  // Welford, from the end backwards.
      for (size_t start = end; start-- > 0;) {
        const long double w = weights.empty() ? 1 : weights[order[start]];
        const long double x = values[order[start]];
        mass += w;
        if (mass > 0) {
          const long double step = (x - mean) * w / mass;
          cost += w * (x - mean) * (x - mean - step);
          mean += step;
        }
        next[end] = std::min(next[end], best[start] + cost);
      }
    }
    best = next;
  }
  return static_cast<double>(best[n]);
}

double ErrorOf(const std::vector<float>& values, const std::vector<double>& weights,
               const std::vector<float>& table) {
  long double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const long double distance = DistanceToNearest(values[i], table);
    sum += (weights.empty() ? 1 : weights[i]) * distance * distance;
  }
  return static_cast<double>(sum);
}

// As ErrorOf without weights, fast enough for millions of values.
double TotalError(const std::vector<float>& values, const std::vector<float>& table) {
  const NearestEncoder encoder(table, static_cast<int64_t>(values.size()));
  std::vector<uint8_t> codes(values.size());
  encoder.Encode(values, codes.data());
  long double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double distance = double{values[i]} - table[codes[i]];
    sum += distance * distance;
  }
  return static_cast<double>(sum);
}

// The rounding of entries to float32 adds at most (ulp / 2)^2 a value.
double RoundingAllowance(const std::vector<float>& values, const std::vector<float>& table) {
  double largest = 0;
  for (float entry : table) largest = std::max(largest, std::abs(double{entry}));
  const double half_ulp = largest * 0x1p-24;
  return half_ulp * half_ulp * static_cast<double>(values.size());
}

TEST(KMeans, SmallTensorsReachTheOptimum) {
  for (size_t count : {1, 2, 3, 5, 17, 64, 160}) {
    for (const Distribution& distribution : Distributions(count)) {
      for (int clusters : {2, 4, 8, 16, 32, 64}) {
        const std::vector<float> table = KMeansTable(distribution.values, {}, clusters);
        EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
        const double optimum = SlowOptimum(distribution.values, {}, clusters);
        EXPECT_LE(ErrorOf(distribution.values, {}, table),
                  optimum * (1 + 1e-9) + RoundingAllowance(distribution.values, table))
            << distribution.name << ", " << count << " values, " << clusters << " entries";
      }
    }
  }
}

TEST(KMeans, ImportanceWeighsTheError) {
  const std::vector<float> values = NormalValues(150, 3);
  std::vector<float> importance(150);
  for (size_t i = 0; i < 150; ++i) importance[i] = static_cast<float>(i % 7);
  const std::vector<double> weights(importance.begin(), importance.end());
  const std::vector<float> table = KMeansTable(values, importance, 8);
  const double optimum = SlowOptimum(values, weights, 8);
  EXPECT_NEAR(ErrorOf(values, weights, table), optimum, 1e-6 * optimum);
  EXPECT_GT(ErrorOf(values, weights, KMeansTable(values, {}, 8)), 1.01 * optimum);
}

// 3 x 0, 1 x 0, 1 x 6: one entry is their mean, 6 / 5; importances of equal values add up.
TEST(KMeans, ImportancesOfEqualValuesAddUp) {
  const std::vector<float> values = {0, 6, 0}, importance = {3, 1, 1};
  EXPECT_THAT(KMeansTable(values, importance, 1), ElementsAre(6.0f / 5));
}

TEST(KMeans, FewDistinctValuesAreKeptExactly) {
  const std::vector<float> values = {3, 1, 3, -2, 1, 1};
  const auto packed = Quantize(values, {6}, {.mode = Mode::kKMeansLut, .bits = 3});
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_THAT(packed->table, ElementsAre(-2, 1, 3, 0, 0, 0, 0, 0));
  std::vector<float> decoded(6);
  ASSERT_TRUE(Dequantize(*packed, decoded).ok());
  EXPECT_EQ(decoded, values);
}

TEST(KMeans, ConstantTensor) {
  EXPECT_THAT(KMeansTable(std::vector<float>(100, 2.5f), {}, 16), ElementsAre(2.5f));
  EXPECT_THAT(KMeansTable(std::vector<float>{0.0f, -0.0f}, {}, 4), ElementsAre(0.0f));
}

double CostOf(const PointSums& sums, const Boundaries& boundaries) {
  double cost = 0;
  for (size_t c = 0; c + 1 < boundaries.size(); ++c) {
    cost += sums.Cost(boundaries[c], boundaries[c + 1]);
  }
  return cost;
}

// The search for a penalty against the programme over all counts and boundaries. What the search
// starts from must not matter.
TEST(KMeans, PenaltiesReachTheOptimum) {
  for (const Distribution& distribution : Distributions(3000)) {
    const std::vector<WeightedPoint> points = DistinctPoints(distribution.values, {});
    const PointSums sums(points);
    for (int clusters : {1, 2, 3, 16, 61, 256}) {
      const double optimum = CostOf(sums, BestOfAll(sums, clusters));
      for (double penalty : {1e-30, 1e-3, 1e30}) {
        const Boundaries found = BestForCount(sums, clusters, penalty);
        ASSERT_EQ(found.size(), static_cast<size_t>(clusters) + 1);
        EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), std::less_equal<>()));
        EXPECT_LE(CostOf(sums, found), optimum * (1 + 1e-9))
            << distribution.name << ", " << clusters << " entries, penalty " << penalty;
      }
    }
  }
}

TEST(KMeans, LargerPenaltiesGiveFewerClusters) {
  const std::vector<WeightedPoint> points = DistinctPoints(NormalValues(2000), {});
  const PointSums sums(points);
  size_t last = BestForPenalty(sums, 0).size();
  EXPECT_EQ(last, points.size() + 1);
  for (double penalty = 1e-9; penalty < 1e4; penalty *= 3) {
    const size_t count = BestForPenalty(sums, penalty).size();
    EXPECT_LE(count, last);
    last = count;
  }
  EXPECT_EQ(last, 2u);
}

TEST(KMeans, UpToTheLimitTheResultIsTheOptimum) {
  for (const Distribution& distribution : Distributions(20000)) {
    for (int clusters : {2, 16, 256}) {
      const std::vector<WeightedPoint> points = DistinctPoints(distribution.values, {});
      const PointSums sums(points);
      const double optimum = CostOf(sums, BestOfAll(sums, clusters));
      const std::vector<float> table = KMeansTable(distribution.values, {}, clusters);
      EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
      EXPECT_LE(TotalError(distribution.values, table),
                optimum * (1 + 1e-9) + RoundingAllowance(distribution.values, table))
          << distribution.name << ", " << clusters << " entries";
    }
  }
}

// Beyond kExactPoints distinct values, and with the histogram, the promise is 1.0001 times the
// optimum. The reference is the exact programme over all distinct values, checked above.
TEST(KMeans, LargeTensorsStayWithinTheirBound) {
  for (size_t count : {size_t{70000}, size_t{200000}, (size_t{1} << 20) + 17}) {
    for (const Distribution& distribution : Distributions(count)) {
      for (int clusters : count > 100000 ? std::vector{256} : std::vector{2, 16, 256}) {
        const std::vector<float> exact = ExactKMeansTable(distribution.values, clusters);
        const std::vector<float> table = KMeansTable(distribution.values, {}, clusters);
        EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
        const double optimum = TotalError(distribution.values, exact);
        const double error = TotalError(distribution.values, table);
        EXPECT_LE(error, 1.0001 * optimum + RoundingAllowance(distribution.values, table))
            << distribution.name << ", " << count << " values, " << clusters << " entries: ratio "
            << error / optimum;
      }
    }
  }
}

// How far entries are from the means of the values nearest to them, root mean square; in values
// that would have to move over a border to account for it.
double ValuesOffTheMean(const std::vector<float>& values, const std::vector<float>& table) {
  const NearestEncoder encoder(table, static_cast<int64_t>(values.size()));
  std::vector<uint8_t> codes(values.size());
  encoder.Encode(values, codes.data());
  std::vector<double> sums(table.size()), counts(table.size());
  for (size_t i = 0; i < values.size(); ++i) {
    sums[codes[i]] += values[i];
    ++counts[codes[i]];
  }
  double squares = 0;
  for (size_t c = 1; c + 1 < table.size(); ++c) {
    const double width = (double{table[c + 1]} - table[c - 1]) / 2;
    const double off = (sums[c] / counts[c] - table[c]) / (width / 2) * counts[c];
    squares += off * off;
  }
  return std::sqrt(squares / static_cast<double>(table.size() - 2));
}

// A local optimum: entries are the means of their values, and borders the middles of entries. To
// the value where all values are known; where buckets stand for most of them, to about two, which
// is six without the last polish and thousands with borders elsewhere.
TEST(KMeans, LargeTensorsEndAtMeansAndMiddles) {
  for (const auto& [count, bound] :
       {std::pair{size_t{200000}, 0.5}, {(size_t{1} << 20) + 17, 3.7}}) {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> values(count);
    for (float& value : values) value = uniform(random);
    EXPECT_LT(ValuesOffTheMean(values, KMeansTable(values, {}, 128)), bound) << count << " values";
  }
}

TEST(SortedFloats, AgreesWithComparing) {
  for (size_t count : {0, 1, 2, 511, 512, 513, 5000}) {
    for (const Distribution& distribution : Distributions(std::max<size_t>(count, 1))) {
      std::vector<float> values = distribution.values;
      values.resize(count);
      const std::vector<float> sorted = SortedFloats(values);
      std::sort(values.begin(), values.end());
      EXPECT_EQ(sorted, values) << distribution.name << ", " << count << " values";
    }
  }
}

}  // namespace
}  // namespace nbits

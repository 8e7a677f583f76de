#include "quantize/kmeans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "nbits/quantize.h"
#include "quantize/nearest_encoder.h"
#include "quantize/weighted_points.h"
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

double Nearest(float value, const std::vector<float>& table) {
  double best = std::numeric_limits<double>::infinity();
  for (float entry : table) best = std::min(best, std::abs(double{value} - entry));
  return best;
}

double ErrorOf(const std::vector<float>& values, const std::vector<double>& weights,
               const std::vector<float>& table) {
  long double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const long double distance = Nearest(values[i], table);
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

// Beyond kExactPoints the promise is 1.0001 times the optimum. The reference is the library's own
// exact programme (checked above) without groups, over all distinct values.
TEST(KMeans, LargeTensorsStayWithinTheirBound) {
  for (const Distribution& distribution : Distributions(20000)) {
    for (int clusters : {2, 4, 16, 64, 256}) {
      const std::vector<float> exact = ExactKMeansTable(distribution.values, clusters);
      const std::vector<float> table = KMeansTable(distribution.values, {}, clusters);
      EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
      const double optimum = ErrorOf(distribution.values, {}, exact);
      const double error = ErrorOf(distribution.values, {}, table);
      EXPECT_LE(error, 1.0001 * optimum + RoundingAllowance(distribution.values, table))
          << distribution.name << ", " << clusters << " entries: ratio " << error / optimum;
    }
  }
}

// From 2^20 values on a histogram replaces sorting; importances of 1 ask for sorting.
TEST(KMeans, HistogramIsAsGoodAsSorting) {
  const size_t count = (1 << 20) + 17;
  const std::vector<float> ones(count, 1.0f);
  for (const Distribution& distribution : Distributions(count)) {
    for (int clusters :
         distribution.name == "normal" ? std::vector{4, 16, 256} : std::vector{256}) {
      const auto& values = distribution.values;
      const std::vector<float> table = KMeansTable(values, {}, clusters);
      const std::vector<float> sorted = KMeansTable(values, ones, clusters);
      const double error = TotalError(values, table), reference = TotalError(values, sorted);
      EXPECT_LE(error, 1.00005 * reference + RoundingAllowance(values, table))
          << distribution.name << ", " << clusters << " entries: ratio " << error / reference;
    }
  }
}

TEST(NearestEncoder, AgreesWithSearchingTheWholeTable) {
  for (const Distribution& distribution : Distributions(70000)) {
    for (size_t entries : {1, 2, 16, 256}) {
      const std::vector<float> table(distribution.values.begin(),
                                     distribution.values.begin() + static_cast<long>(entries));
      for (int64_t expected : {int64_t{1}, int64_t{1} << 20}) {  // Without and with the index.
        const NearestEncoder encoder(table, expected);
        std::vector<uint8_t> codes(5000);
        encoder.Encode({distribution.values.data(), codes.size()}, codes.data());
        for (size_t i = 0; i < codes.size(); ++i) {
          const float value = distribution.values[i];
          ASSERT_LT(codes[i], entries);
          ASSERT_EQ(std::abs(double{value} - table[codes[i]]), Nearest(value, table));
        }
      }
    }
  }
}

}  // namespace
}  // namespace nbits

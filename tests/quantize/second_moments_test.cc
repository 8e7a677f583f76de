// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/moments/second_moments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/threads/parallel.h"
#include "quantize/calibrate/moments/covariance.h"
#include "tests/quantize/calibration_inputs.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

// E[a b^T] centred, by its definition; columns [positions, inputs].
std::vector<double> SlowCovariance(const std::vector<double>& a, const std::vector<double>& b,
                                   int64_t inputs) {
  const auto positions = static_cast<int64_t>(a.size()) / inputs;
  std::vector<double> mean_a(inputs), mean_b(inputs), covariance(inputs * inputs);
  for (int64_t p = 0; p < positions; ++p) {
    for (int64_t k = 0; k < inputs; ++k) {
      mean_a[k] += a[p * inputs + k] / static_cast<double>(positions);
      mean_b[k] += b[p * inputs + k] / static_cast<double>(positions);
    }
  }
  for (int64_t p = 0; p < positions; ++p) {
    for (int64_t i = 0; i < inputs; ++i) {
      for (int64_t j = 0; j < inputs; ++j) {
        covariance[i * inputs + j] += (a[p * inputs + i] - mean_a[i]) *
                                      (b[p * inputs + j] - mean_b[j]) /
                                      static_cast<double>(positions);
      }
    }
  }
  return covariance;
}

std::vector<double> AsDoubles(const std::vector<float>& values, double sign = 0,
                              const std::vector<float>& other = {}) {
  std::vector<double> result(values.begin(), values.end());
  for (size_t i = 0; i < other.size(); ++i) result[i] += sign * other[i];
  return result;
}

SecondMoments MomentsOf(const std::vector<float>& original, const std::vector<float>& actual,
                        int64_t inputs) {
  const auto positions = static_cast<int64_t>(actual.size()) / inputs;
  SecondMoments moments(inputs);
  moments.Add({original.data(), positions, inputs}, {actual.data(), positions, inputs});
  return moments;
}

struct Shape2 {
  int64_t positions, inputs;
};
// Around what blocks, stripes and chunks hold.
const Shape2 kShapes[] = {{1, 1}, {2, 3}, {100, 9}, {257, 31}, {513, 33}, {1100, 64}, {600, 130}};

TEST(SecondMoments, AreThoseOfTheDefinition) {
  for (const Shape2& shape : kShapes) {
    std::vector<float> original = LayerColumns(1, shape.positions, shape.inputs, 3);
    std::vector<float> actual = LayerColumns(2, shape.positions, shape.inputs, 3);
    for (float& value : original) value += 100;  // Means far from 0 must cost no precision.
    for (float& value : actual) value += 99;
    const Covariance found = CovarianceOf(MomentsOf(original, actual, shape.inputs));
    const std::vector<double> h =
        SlowCovariance(AsDoubles(actual), AsDoubles(actual), shape.inputs);
    const std::vector<double> drift =
        SlowCovariance(AsDoubles(original, -1, actual), AsDoubles(actual), shape.inputs);
    if (shape.positions == 1) {
      EXPECT_NEAR(found.unit, 0, 1e-9);
      continue;
    }
    double trace = 0;
    for (int64_t k = 0; k < shape.inputs; ++k) trace += h[k * (shape.inputs + 1)];
    EXPECT_NEAR(found.unit * static_cast<double>(shape.inputs), trace, 1e-6 * trace);
    const auto size = [&](int64_t k) { return std::max(h[k * (shape.inputs + 1)], found.unit); };
    for (int64_t i = 0; i < shape.inputs; ++i) {
      for (int64_t j = 0; j < shape.inputs; ++j) {
        const int64_t at = i * shape.inputs + j;
        const double tolerance = 3e-6 * std::sqrt(size(i) * size(j));
        ASSERT_NEAR(found.actual.At(i, j) * found.unit, h[at], tolerance);
        ASSERT_NEAR(found.drift[at] * found.unit, drift[at], tolerance);
      }
    }
  }
}

TEST(SecondMoments, MeansAreThoseOfTheColumns) {
  const std::vector<float> original = {1, 2, 3, 4, 5, 6}, actual = {1, 1, 3, 3, 5, 5};
  const Covariance found = CovarianceOf(MomentsOf(original, actual, 2));
  EXPECT_THAT(found.mean, ::testing::ElementsAre(3, 3));
  EXPECT_THAT(found.drift_mean, ::testing::ElementsAre(0, 1));
}

bool AreSame(const SecondMoments& a, const SecondMoments& b) {
  return a.count == b.count && a.sum == b.sum && a.products == b.products &&
         a.drift_sum == b.drift_sum && a.drift_products == b.drift_products;
}

TEST(SecondMoments, AreTheSameOnEveryTargetAndNumberOfThreads) {
  const CalibrationCase layer{3, 1, 8, 150, 700, 4};
  const std::vector<SecondMoments> expected = layer.DriftedMoments();
  testing::OnEveryTarget([&] { EXPECT_TRUE(AreSame(layer.DriftedMoments()[0], expected[0])); });
  OnTeam(2, [&](int thread) {  // Inside of a body loops have one thread.
    if (thread == 0) {
      EXPECT_TRUE(AreSame(layer.DriftedMoments()[0], expected[0]));
    }
  });
}

TEST(SecondMoments, GroupsAreThoseOfTheirColumns) {
  const CalibrationCase layer{4, 3, 8, 20, 300, 4};
  const std::vector<float> inputs = layer.Inputs();
  const std::vector<SecondMoments> together = layer.Moments();
  for (int64_t g = 0; g < layer.groups; ++g) {
    SecondMoments alone(layer.inputs);
    alone.Add({inputs.data() + g * layer.inputs, layer.positions, layer.groups * layer.inputs});
    EXPECT_TRUE(AreSame(alone, together[g]));
  }
}

TEST(SecondMoments, MergeAddsSums) {
  const CalibrationCase layer{5, 1, 8, 40, 300, 4};
  const std::vector<float> inputs = layer.Inputs();
  SecondMoments first(40), second(40);
  first.Add({inputs.data(), 100, 40});
  const Columns rest{inputs.data() + 100 * 40, 200, 40};
  second.Add(rest, rest);
  const std::vector<double> before = first.products;
  ASSERT_TRUE(first.Merge(second).ok());
  EXPECT_EQ(first.count, 300);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(first.products[i], before[i] + second.products[i]);
  }
  EXPECT_EQ(first.drift_products.size(), 1600);  // All 0, but of as many columns.
  EXPECT_TRUE(first.Validate().ok());
  EXPECT_FALSE(first.Merge(SecondMoments(41)).ok());
}

TEST(SecondMoments, SaySoWhenTheyAreNoMoments) {
  const SecondMoments good = CalibrationCase{}.DriftedMoments()[0];
  EXPECT_TRUE(good.Validate().ok());
  SecondMoments moments = good;
  moments.products.pop_back();
  EXPECT_EQ(moments.Validate().code(), absl::StatusCode::kInvalidArgument);
  moments = good;
  moments.drift_products.clear();
  EXPECT_EQ(moments.Validate().code(), absl::StatusCode::kInvalidArgument);
  moments = good;
  moments.inputs = int64_t{1} << 40;
  EXPECT_EQ(moments.Validate().code(), absl::StatusCode::kInvalidArgument);
  moments = good;
  moments.sum[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(moments.Validate().code(), absl::StatusCode::kFailedPrecondition);
  moments = good;
  moments.products[2] = -1;  // The diagonal's second.
  EXPECT_EQ(moments.Validate().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace nbits

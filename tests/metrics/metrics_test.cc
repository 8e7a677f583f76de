// SPDX-License-Identifier: Apache-2.0
#include "nbits/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/files/file.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

nlohmann::json Fixtures() {
  return nlohmann::json::parse(
      ReadFile(std::string(NBITS_SOURCE_DIR) + "/tests/metrics/fixtures.json").value());
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(NonFinite, CountsEachKindByOutput) {
  const TensorMap outputs = {{"finite", {{3}, {0, -3e38f, 1e-45f}}},
                             {"mask", {{2, 2}, {kNan, kInfinity, -kInfinity, -kNan}}},
                             {"one", {{1}, {-kInfinity}}}};
  const std::map<std::string, NonFiniteCount> found = CountNonFinite(outputs);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found.at("mask").nan, 2);
  EXPECT_EQ(found.at("mask").infinite, 2);
  EXPECT_EQ(found.at("mask").values, 4);
  EXPECT_EQ(found.at("one").nan, 0);
  EXPECT_EQ(NonFiniteText(found),
            "output 'mask': 2 NaN and 2 infinite of 4 values; output 'one': 1 infinite of 1 value");
}

TEST(NonFinite, NamesNothingWhereAllIsFinite) {
  const TensorMap outputs = {{"a", {{2}, {0, 3e38f}}}, {"empty", {{0}, {}}}};
  EXPECT_TRUE(CountNonFinite(outputs).empty());
  EXPECT_EQ(NonFiniteText({}), "");
}

TEST(ConfusionMatrix, WorkedByHand) {
  // Truth 0 0 1 1 2 255, predicted 0 1 1 1 0 2: class 0: 1 of {0, 1, 4}, class 1: 2 of {1, 2, 3},
  // class 2: none of {4}; the ignored pixel counts for nothing.
  ConfusionMatrix matrix(4);
  ASSERT_TRUE(matrix.Add({2, 3, {0, 0, 1, 1, 2, 255}}, {2, 3, {0, 1, 1, 1, 0, 2}}).ok());
  EXPECT_EQ(matrix.total(), 5);
  EXPECT_EQ(matrix.count(2, 0), 1);
  EXPECT_THAT(matrix.ClassIou(),
              ElementsAre(1.0 / 3, 2.0 / 3, 0.0, std::optional<double>(std::nullopt)));
  EXPECT_DOUBLE_EQ(matrix.MeanIou().value(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(matrix.PixelAccuracy().value(), 3.0 / 5);
}

TEST(ConfusionMatrix, MergesPicturesBeforeItDivides) {
  ConfusionMatrix a(2), b(2);
  ASSERT_TRUE(a.Add({1, 2, {1, 1}}, {1, 2, {1, 1}}).ok());
  ASSERT_TRUE(b.Add({1, 2, {1, 0}}, {1, 2, {0, 0}}).ok());
  a.Merge(b);
  EXPECT_DOUBLE_EQ(a.ClassIou()[1].value(), 2.0 / 3);
}

TEST(ConfusionMatrix, KnowsNothingOfNothing) {
  ConfusionMatrix matrix(3);
  ASSERT_TRUE(matrix.Add({1, 1, {255}}, {1, 1, {0}}).ok());
  EXPECT_FALSE(matrix.MeanIou().has_value());
  EXPECT_FALSE(matrix.PixelAccuracy().has_value());
}

TEST(ConfusionMatrix, CountsUnknownPredictionsAsMissesAndRefusesUnknownTruth) {
  ConfusionMatrix matrix(2);
  ASSERT_TRUE(matrix.Add({1, 2, {0, 1}}, {1, 2, {0, 9}}).ok());
  EXPECT_EQ(matrix.count(1, 2), 1);
  EXPECT_EQ(matrix.PixelAccuracy(), 0.5);
  EXPECT_FALSE(matrix.Add({1, 1, {2}}, {1, 1, {0}}).ok());
  EXPECT_FALSE(matrix.Add({1, 1, {0}}, {1, 2, {0, 0}}).ok());
  EXPECT_EQ(matrix.total(), 2);
}

TEST(ConfusionMatrix, RefusesCountsThatCannotBe) {
  ConfusionMatrix matrix(2);
  EXPECT_TRUE(matrix.AddCount(1, 2, ConfusionMatrix::kMostPixels).ok());
  EXPECT_FALSE(matrix.AddCount(1, 2, 1).ok());
  EXPECT_FALSE(matrix.AddCount(0, 0, std::numeric_limits<int64_t>::max()).ok());
  EXPECT_FALSE(matrix.AddCount(0, 0, -1).ok());
  EXPECT_FALSE(matrix.AddCount(2, 0, 1).ok());
  EXPECT_FALSE(matrix.AddCount(int64_t{1} << 32, 0, 1).ok());  // 0 in its lower half.
  EXPECT_EQ(matrix.total(), ConfusionMatrix::kMostPixels);
}

TEST(ConfusionMatrix, EqualsScikitLearn) {
  for (const auto& fixture : Fixtures()["segmentation"]) {
    const ClassMap truth{fixture["height"], fixture["width"], fixture["truth"]};
    const ClassMap predicted{fixture["height"], fixture["width"], fixture["predicted"]};
    const int classes = fixture["classes"];
    ConfusionMatrix matrix(classes);
    ASSERT_TRUE(matrix.Add(truth, predicted).ok());
    const auto iou = matrix.ClassIou();
    for (int t = 0; t < classes; ++t) {
      for (int p = 0; p < classes; ++p) EXPECT_EQ(matrix.count(t, p), fixture["confusion"][t][p]);
      ASSERT_EQ(iou[t].has_value(), !fixture["iou"][t].is_null());
      if (!iou[t].has_value()) continue;
      EXPECT_NEAR(*iou[t], fixture["iou"][t].get<double>(), 1e-12);
    }
    EXPECT_NEAR(matrix.MeanIou().value(), fixture["mean_iou"].get<double>(), 1e-12);
    EXPECT_NEAR(matrix.PixelAccuracy().value(), fixture["accuracy"].get<double>(), 1e-12);
    EXPECT_NEAR(BinaryIou(truth, predicted).value(), fixture["binary_iou"].get<double>(), 1e-12);
  }
}

TEST(BoundaryF, EqualsSciPysDistanceTransform) {
  for (const auto& fixture : Fixtures()["segmentation"]) {
    const ClassMap truth{fixture["height"], fixture["width"], fixture["truth"]};
    const ClassMap predicted{fixture["height"], fixture["width"], fixture["predicted"]};
    EXPECT_NEAR(BoundaryF(truth, predicted, 2).value(), fixture["boundary_f"].get<double>(), 1e-12);
  }
}

TEST(TopK, EqualsScikitLearn) {
  const nlohmann::json fixture = Fixtures()["top_k"];
  for (int k : {1, 5}) {
    int right = 0;
    for (size_t i = 0; i < fixture["scores"].size(); ++i) {
      const std::vector<float> scores = fixture["scores"][i];
      right += InTop(scores, fixture["truth"][i], k);
    }
    EXPECT_NEAR(right / static_cast<double>(fixture["scores"].size()),
                fixture["accuracy"][std::to_string(k)].get<double>(), 1e-12);
  }
}

TEST(BinaryIou, WorkedByHand) {
  EXPECT_DOUBLE_EQ(BinaryIou({1, 4, {1, 1, 0, 255}}, {1, 4, {1, 0, 1, 1}}).value(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(BinaryIou({1, 2, {0, 0}}, {1, 2, {0, 0}}).value(), 1.0);
  EXPECT_DOUBLE_EQ(BinaryIou({1, 2, {15, 0}}, {1, 2, {15, 3}}, 15).value(), 1.0);
}

TEST(Agreement, WorkedByHand) {
  EXPECT_DOUBLE_EQ(Agreement({1, 4, {0, 1, 2, 3}}, {1, 4, {0, 1, 2, 0}}).value(), 0.75);
  // Class 0: 1 of 2, class 1: 1 of 1, class 2: 1 of 1, class 3: 0 of 1.
  EXPECT_DOUBLE_EQ(AgreementMeanIou({1, 4, {0, 1, 2, 3}}, {1, 4, {0, 1, 2, 0}}).value(), 0.625);
  EXPECT_FALSE(Agreement({}, {}).ok());
  EXPECT_FALSE(Agreement({1, 2, {0, 0}}, {2, 1, {0, 0}}).ok());
}

TEST(BoundaryF, FallsWithTheDistance) {
  ClassMap truth{10, 20, std::vector<uint8_t>(200)}, shifted = truth, far = truth;
  for (int i = 0; i < 200; ++i) {
    truth.ids[i] = i % 20 >= 5;
    shifted.ids[i] = i % 20 >= 7;
    far.ids[i] = i % 20 >= 8;
  }
  EXPECT_DOUBLE_EQ(BoundaryF(truth, truth, 2).value(), 1);
  EXPECT_DOUBLE_EQ(BoundaryF(truth, shifted, 2).value(), 1);
  EXPECT_DOUBLE_EQ(BoundaryF(truth, far, 2).value(), 0);
  EXPECT_DOUBLE_EQ(BoundaryF(truth, far, 3).value(), 1);
  // No boundary at all in `empty`: precision 1 (nothing wrong was found), recall 0.
  const ClassMap empty{10, 20, std::vector<uint8_t>(200)};
  EXPECT_DOUBLE_EQ(BoundaryF(truth, empty, 2).value(), 0);
  EXPECT_DOUBLE_EQ(BoundaryF(empty, empty, 2).value(), 1);
}

TEST(TopIndices, OrdersEqualsByIndexAndNanLast) {
  const std::vector<float> values = {0.1f, 0.5f, kNan, 0.5f, 0.9f};
  EXPECT_THAT(TopIndices(values, 3), ElementsAre(4, 1, 3));
  EXPECT_THAT(TopIndices(values, 9), ElementsAre(4, 1, 3, 0, 2));
  EXPECT_TRUE(InTop(values, 1, 2));
  EXPECT_FALSE(InTop(values, 3, 2));
  EXPECT_TRUE(TopIndices({}, 5).empty());
}

// A map and the same eight times as large: what is near grows with it.
TEST(BoundaryF, DoesNotDependOnTheSize) {
  const auto step = [](int side, int at) {
    ClassMap map{side, side, std::vector<uint8_t>(static_cast<size_t>(side) * side)};
    for (int i = 0; i < side * side; ++i) map.ids[static_cast<size_t>(i)] = i % side >= at;
    return map;
  };
  EXPECT_EQ(BoundaryF(step(400, 200), step(400, 204)).value(), 1);
  EXPECT_EQ(BoundaryF(step(1600, 800), step(1600, 816)).value(), 1);
  EXPECT_EQ(BoundaryF(step(400, 200), step(400, 205)).value(), 0);
  EXPECT_EQ(BoundaryF(step(1600, 800), step(1600, 820)).value(), 0);
  EXPECT_EQ(BoundaryTolerance(8, 8), 1);
}

TEST(CompareArrays, EqualsNumpy) {
  for (const auto& fixture : Fixtures()["arrays"]) {
    const Tensor original{{50}, fixture["original"]}, variant{{50}, fixture["variant"]};
    const auto difference = CompareArrays(original, variant);
    ASSERT_TRUE(difference.ok());
    EXPECT_NEAR(difference->coremltools_snr_db, fixture["snr"].get<double>(), 1e-9);
    EXPECT_NEAR(difference->coremltools_psnr_db, fixture["psnr"].get<double>(), 1e-9);
    EXPECT_NEAR(difference->max_relative_difference, fixture["relative"].get<double>(), 1e-12);
  }
}

TEST(CompareArrays, WorkedByHand) {
  // Noise (1 + 0) / 2, signal (4 + 16) / 2, peak 16; the variant's signal (9 + 16) / 2.
  const auto difference = CompareArrays({{2}, {2, 4}}, {{2}, {3, 4}});
  EXPECT_NEAR(difference->snr_db, 10 * std::log10(20.0), 1e-9);
  EXPECT_NEAR(difference->psnr_db, 10 * std::log10(32.0), 1e-9);
  EXPECT_NEAR(difference->coremltools_snr_db, 10 * std::log10(25.0), 1e-5);
  EXPECT_EQ(difference->max_difference, 1);
  EXPECT_EQ(difference->max_relative_difference, 0.25);
}

TEST(CompareArrays, DoesNotDependOnTheUnit) {
  const auto difference = [](float unit) {
    return CompareArrays({{2}, {2 * unit, 4 * unit}}, {{2}, {3 * unit, 4 * unit}}).value();
  };
  for (const float unit : {0x1p-40f, 0x1p-14f, 0x1p30f}) {
    EXPECT_DOUBLE_EQ(difference(unit).snr_db, difference(1).snr_db);
    EXPECT_DOUBLE_EQ(difference(unit).psnr_db, difference(1).psnr_db);
  }
}

TEST(CompareArrays, EqualArraysHaveNoNoise) {
  EXPECT_EQ(CompareArrays({{2}, {1, 2}}, {{2}, {1, 2}})->psnr_db, HUGE_VAL);
  EXPECT_EQ(CompareArrays({{2}, {0, 0}}, {{2}, {0, 1}})->psnr_db, -HUGE_VAL);
  EXPECT_EQ(CompareArrays({{2}, {1, 2}}, {{2}, {1, kNan}})->snr_db, -HUGE_VAL);
  // The next number after 1 is 138 dB away, which nobody needs to tell from 120.
  EXPECT_NEAR(CompareArrays({{1}, {1}}, {{1}, {1.0000001f}})->snr_db, 120, 0.1);
}

TEST(CompareArrays, TreatsNanAndInfinityAsDifferences) {
  EXPECT_EQ(CompareArrays({{1}, {kNan}}, {{1}, {kNan}})->max_difference, 0);
  EXPECT_TRUE(std::isinf(CompareArrays({{1}, {kNan}}, {{1}, {1}})->max_difference));
  EXPECT_EQ(CompareArrays({{1}, {HUGE_VALF}}, {{1}, {HUGE_VALF}})->max_difference, 0);
  EXPECT_FALSE(CompareArrays({{1}, {1}}, {{2}, {1, 2}}).ok());
  EXPECT_FALSE(CompareArrays({{0}, {}}, {{0}, {}}).ok());
}

}  // namespace
}  // namespace nbits

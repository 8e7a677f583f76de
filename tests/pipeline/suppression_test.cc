// SPDX-License-Identifier: Apache-2.0
#include "pipeline/suppression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "nbits/predictor.h"
#include "tests/pipeline/models.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace nbits::testing;  // NOLINT

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

// Squares of side 2: the first two overlap by 1 of 3 times 2, the third by nothing.
const std::vector<float> kBoxes = {1, 1, 2, 2, 2, 1, 2, 2, 9, 9, 2, 2};

std::vector<int64_t> Kept(const SuppressionRule& rule, const std::vector<float>& confidences,
                          int64_t classes = 1, int64_t most = kAll) {
  return *Suppress(rule, kBoxes, confidences, classes, most);
}

TEST(Suppression, OverlapIsIntersectionOverUnion) {
  EXPECT_NEAR(IntersectionOverUnion(&kBoxes[0], &kBoxes[4]), 1.0 / 3, 1e-12);
  EXPECT_EQ(IntersectionOverUnion(&kBoxes[0], &kBoxes[0]), 1);
  EXPECT_EQ(IntersectionOverUnion(&kBoxes[0], &kBoxes[8]), 0);
}

TEST(Suppression, KeepsTheMostConfidentFirst) {
  EXPECT_THAT(Kept({false, 0.3, 0}, {0.5f, 0.9f, 0.7f}), ElementsAre(1, 2));
  EXPECT_THAT(Kept({false, 0.34, 0}, {0.5f, 0.9f, 0.7f}), ElementsAre(1, 2, 0));
}

TEST(Suppression, BoxesBelowTheThresholdAreDropped) {
  EXPECT_THAT(Kept({false, 1, 0.5f}, {0.5f, 0.9f, 0.49f}), ElementsAre(1, 0));
  EXPECT_THAT(Kept({false, 1, 2}, {0.5f, 0.9f, 0.7f}), IsEmpty());
}

TEST(Suppression, AThresholdOfOneSuppressesNothing) {
  const std::vector<float> twice = {1, 1, 2, 2, 1, 1, 2, 2};
  EXPECT_THAT(*Suppress({false, 1, 0}, twice, std::vector<float>{0.5f, 0.5f}, 1, kAll),
              ElementsAre(0, 1));
}

TEST(Suppression, PerClassLooksAtTheBestClass) {
  const std::vector<float> confidences = {0.5f, 0.1f, 0.2f, 0.9f, 0.0f, 0.7f};
  EXPECT_THAT(Kept({true, 0.3, 0}, confidences, 2), ElementsAre(1, 2, 0));
  EXPECT_THAT(Kept({false, 0.3, 0}, confidences, 2), ElementsAre(1, 2));
}

TEST(Suppression, NoMoreThanAsked) {
  EXPECT_THAT(Kept({false, 1, 0}, {0.5f, 0.9f, 0.7f}, 1, 2), ElementsAre(1, 2));
}

TEST(Suppression, NotANumberIsNoConfidence) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Kept({false, 0.3, 0}, {nan, 0.9f, nan}), ElementsAre(1));
  EXPECT_THAT(Kept({false, 0.3, 0}, {nan, 0.5f, 0.4f, nan, nan, nan}, 2), ElementsAre(0));
}

TEST(Suppression, RefusesMoreBoxesThanCanBeCompared) {
  const std::vector<float> boxes(4 * 50000, 1), confidences(50000, 1);
  EXPECT_EQ(Suppress({false, 0.5, 0}, boxes, confidences, 1, kAll).status().code(),
            absl::StatusCode::kResourceExhausted);
}

const TensorMap kInputs = {{"boxes", {{3, 4}, kBoxes}},
                           {"scores", {{3, 2}, {0.5f, 0, 0, 0.9f, 0.7f, 0}}}};

TEST(SuppressionModel, GivesWholeRows) {
  const auto outputs = RunModel(SuppressionModel(), kInputs);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->at("coordinates").shape, (Shape{3, 4}));
  EXPECT_THAT(outputs->at("confidence").values, ElementsAre(0, 0.9f, 0.7f, 0, 0.5f, 0));
}

TEST(SuppressionModel, AStatedNumberOfRowsIsFilledUpOrCutOff) {
  schema::Model model = SuppressionModel();
  auto& array =
      *model.mutable_description()->mutable_output(0)->mutable_type()->mutable_multiarraytype();
  array.add_shape(4);
  array.add_shape(2);
  auto outputs = RunModel(model, kInputs);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->at("coordinates").shape, (Shape{4, 4}));
  EXPECT_THAT(outputs->at("confidence").values, ElementsAre(0, 0.9f, 0.7f, 0, 0.5f, 0, 0, 0));
  array.set_shape(0, 1);
  outputs = RunModel(model, kInputs);
  EXPECT_THAT(outputs->at("confidence").values, ElementsAre(0, 0.9f));
  array.set_shape(0, int64_t{1} << 60);
  EXPECT_THAT(std::string(RunModel(model, kInputs).status().message()), HasSubstr("too large"));
}

TEST(SuppressionModel, NothingFoundIsNoRows) {
  TensorMap inputs = kInputs;
  inputs["least"] = {{1}, {2}};
  const auto outputs = RunModel(SuppressionModel(), inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->at("confidence").shape, (Shape{0, 2}));
}

TEST(SuppressionModel, RefusesShapesThatDoNotFit) {
  TensorMap inputs = kInputs;
  inputs["boxes"].shape = {4, 3};
  EXPECT_THAT(std::string(RunModel(SuppressionModel(), inputs).status().message()),
              HasSubstr("a row of 4"));
  inputs = kInputs;
  inputs["scores"] = {{3, 3}, std::vector<float>(9)};
  EXPECT_THAT(std::string(RunModel(SuppressionModel(), inputs).status().message()),
              HasSubstr("3 confidences a box for 2 class labels"));
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// What is found wrong with weights, and what becomes of values that a form cannot hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nbits/compress.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// One convolution of one input channel, so that each weight is a channel of its own; `rows` input
// channels otherwise.
Model Convolution(const Values& weights, int inputs = 1) {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "y", inputs,
                 static_cast<int>(weights.size()) / inputs, weights);
  return Opened(file);
}

CompressReport ReportOn(Model& model, const CompressOptions& options) {
  auto report = Compress(model, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *std::move(report) : CompressReport();
}

Finding Only(const CompressReport& report) {
  EXPECT_THAT(report.findings, SizeIs(1));
  return report.findings.empty() ? Finding() : report.findings[0];
}

CompressOptions Half(Overflow on_overflow) {
  return {.mode = Mode::kFloat16, .bits = 16, .on_overflow = on_overflow};
}

TEST(Overflow, ErrorNamesLayerCountAndWorstValue) {
  Model model = Convolution({1, 70000, -80000, 65504});
  const auto report = Compress(model, Half(Overflow::kError));
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(report.status().message(),
            "weight y_conv/weights: 2 of 4 weights are beyond Float16's range, worst -80000");
}

TEST(Overflow, KeepLeavesTheWeightAsItIs) {
  Model model = Convolution({1, 70000, -80000, 65504});
  const CompressReport report = ReportOn(model, Half(Overflow::kKeepFloat));
  EXPECT_THAT(report.changed, IsEmpty());
  ASSERT_THAT(report.kept, SizeIs(1));
  EXPECT_THAT(report.kept[0].reason, HasSubstr("cannot hold"));
  const Finding finding = Only(report);
  EXPECT_EQ(finding.trouble, Trouble::kAboveFloat16);
  EXPECT_EQ(finding.count, 2);
  EXPECT_EQ(finding.total, 4);
  EXPECT_EQ(finding.worst, -80000);
  EXPECT_THAT(WeightValues(model, "y_conv", "weights"), ElementsAre(1, 70000, -80000, 65504));
}

TEST(Overflow, ClampStoresTheNearestFloat16) {
  Model model = Convolution({1, 70000, -80000, 65504});
  const CompressReport report = ReportOn(model, Half(Overflow::kClamp));
  EXPECT_THAT(report.changed, SizeIs(1));
  EXPECT_EQ(Only(report).count, 2);
  EXPECT_THAT(WeightValues(model, "y_conv", "weights"), ElementsAre(1, 65504, -65504, 65504));
}

TEST(Overflow, ClampStoresTheLargestFiniteWeightAndZeroForNan) {
  for (const Mode mode : {Mode::kLinear, Mode::kLinearLut, Mode::kKMeansLut}) {
    Model model = Convolution({-3, kInfinity, kNan, 1}, 4);
    const CompressReport report =
        ReportOn(model, {.mode = mode, .bits = 8, .on_overflow = Overflow::kClamp});
    ASSERT_THAT(report.changed, SizeIs(1));
    EXPECT_EQ(report.findings[0].trouble, Trouble::kNotFinite);
    EXPECT_EQ(report.findings[0].count, 2);
    EXPECT_TRUE(std::isnan(report.findings[0].worst));
    const Values values = WeightValues(model, "y_conv", "weights");
    EXPECT_NEAR(values[0], -3, 0.02);
    EXPECT_NEAR(values[1], 3, 0.02);
    EXPECT_NEAR(values[2], 0, 0.02);
    EXPECT_NEAR(values[3], 1, 0.02);
  }
}

TEST(Overflow, KeepHoldsForEveryQuantizingMode) {
  for (const Mode mode : {Mode::kLinear, Mode::kLinearSymmetric, Mode::kLinearLut, Mode::kKMeansLut,
                          Mode::kCustomLut}) {
    Model model = Convolution({1, -kInfinity, 3, 4}, 4);
    const CompressReport report = ReportOn(
        model,
        {.mode = mode, .bits = 4, .on_overflow = Overflow::kKeepFloat, .tables = {{"*", {0, 1}}}});
    EXPECT_THAT(report.changed, IsEmpty());
    EXPECT_EQ(Only(report).worst, -kInfinity);
    EXPECT_EQ(WeightValues(model, "y_conv", "weights")[1], -kInfinity);
  }
}

// A plan remembers what to do.
TEST(Overflow, IsPartOfThePlan) {
  Model model = Convolution({1, 70000});
  const auto plan = Prepare(model, Half(Overflow::kClamp));
  ASSERT_TRUE(plan.ok());
  const auto read = PlanFromJson(PlanToJson(*plan));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(ApplyPlan(model, *read).ok());
}

TEST(Findings, WeightsThatFloat16TurnsIntoZero) {
  Model model = Convolution({1, 1e-8f, -2e-8f, 0});
  const Finding finding = Only(ReportOn(model, Half(Overflow::kError)));
  EXPECT_EQ(finding.trouble, Trouble::kBelowFloat16);
  EXPECT_EQ(finding.count, 2);
  EXPECT_EQ(finding.worst, -2e-8f);
  EXPECT_EQ(finding.layer, "y_conv");
}

// The least Float16 is 2^-24: halfway to it, 2^-25, rounds to even, which is 0; what is above does
// not.
TEST(Findings, WeightsJustAboveHalfOfTheLeastFloat16AreNotLost) {
  Model model = Convolution({1, 0x1p-25f, 0x1.000002p-25f, -0x1.8p-25f});
  const Finding finding = Only(ReportOn(model, Half(Overflow::kError)));
  EXPECT_EQ(finding.trouble, Trouble::kBelowFloat16);
  EXPECT_EQ(finding.count, 1);
  EXPECT_EQ(finding.worst, 0x1p-25f);
  EXPECT_THAT(WeightValues(model, "y_conv", "weights"), ElementsAre(1, 0, 0x1p-24f, -0x1p-24f));
}

// A step of 1e-6 exactly, which is the last that counts for none with coremltools.
TEST(Findings, AChannelOfCoremltoolsSmallestStepIsConstantThereAlone) {
  const Values step = {-0x1.6bdb1ap-49f, 0x1.0c6f7ap-20f};
  Model theirs = Convolution(step, 2);
  EXPECT_EQ(Only(ReportOn(theirs, {.bits = 1, .policy = Policy::kCoremltools})).trouble,
            Trouble::kConstantChannels);
  Model ours = Convolution(step, 2);
  EXPECT_THAT(ReportOn(ours, {.bits = 1, .range = Range::kMinMax}).findings, IsEmpty());
}

// Of small weights too a channel counts as constant only when it is.
TEST(Findings, SmallWeightsAreNotConstant) {
  Model model = Convolution({1e-7f, 3e-7f, -2e-7f, 5e-7f, 5e-7f, 5e-7f}, 3);
  const Finding finding = Only(ReportOn(model, {.bits = 4}));
  EXPECT_EQ(finding.trouble, Trouble::kConstantChannels);
  EXPECT_EQ(finding.count, 1);
  EXPECT_EQ(finding.worst, 5e-7f);
}

// 1e-9 is nothing beside 1, and all that there is beside itself.
TEST(Findings, LosingTheSmallestValuesIsHarmlessWhereTheyDoNotCount) {
  Model model = Convolution({1, 1e-9f, 2, 3});
  const Finding harmless = Only(ReportOn(model, Half(Overflow::kError)));
  EXPECT_EQ(harmless.trouble, Trouble::kBelowFloat16);
  EXPECT_TRUE(harmless.harmless);
  Model small = Convolution({1e-9f, -1e-9f, 2e-9f, 1e-9f});
  EXPECT_FALSE(Only(ReportOn(small, Half(Overflow::kError))).harmless);
}

TEST(Findings, ConstantChannels) {
  Model model = Convolution({1, 1, 1, 2, -7, -7}, 2);
  const Finding finding = Only(ReportOn(model, {.bits = 8}));
  EXPECT_EQ(finding.trouble, Trouble::kConstantChannels);
  EXPECT_EQ(finding.count, 2);
  EXPECT_EQ(finding.total, 3);
  EXPECT_EQ(finding.worst, -7);
}

TEST(Findings, UnusedTableEntries) {
  Model model = Convolution({1, 2, 3, 1});
  const Finding finding = Only(ReportOn(
      model, {.mode = Mode::kCustomLut, .bits = 0, .tables = {{"*", {1, 2, 3, -50, 20}}}}));
  EXPECT_EQ(finding.trouble, Trouble::kUnusedTableEntries);
  EXPECT_EQ(finding.count, 2);
  EXPECT_EQ(finding.total, 5);
  EXPECT_EQ(finding.worst, -50);
}

TEST(Findings, ReadAsSentences) {
  EXPECT_EQ(FindingText({Trouble::kConstantChannels, "a/weights", "a", 2, 3, -7}),
            "a/weights: 2 of 3 channels are stored as a single value, worst -7");
  EXPECT_THAT(FindingText({Trouble::kQuantizedBefore, "a/weights", "a", 6, 6, 8}),
              HasSubstr("(8 bits)"));
}

}  // namespace
}  // namespace nbits

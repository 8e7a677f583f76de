// SPDX-License-Identifier: Apache-2.0
#include "report/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/report.h"
#include "results/verdict.h"
#include "tests/report/sample_results.h"

namespace nbits {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

VariantResult Original() {
  VariantResult row;
  row.is_original = true;
  row.bytes = 1000;
  row.median_ms = 10;
  row.spread_ms = 0.2;
  row.metrics.miou = 0.70;
  row.metrics.agreement = 1;
  return row;
}

VariantResult Variant() {
  VariantResult row;
  row.name = "small";
  row.bytes = 250;
  row.median_ms = 12;
  row.spread_ms = 0.2;
  row.metrics.miou = 0.69;
  row.metrics.agreement = 0.98;
  row.metrics.psnr_db = 41;
  return row;
}

absl::StatusOr<bool> Holds(absl::string_view text, std::string* reason = nullptr) {
  const auto condition = Condition::Parse(text);
  if (!condition.ok()) return condition.status();
  std::string unused;
  return condition->Holds(Original(), Variant(), NoiseFloor{},
                          reason != nullptr ? *reason : unused);
}

TEST(Condition, ComparesFiguresInTheirUnits) {
  EXPECT_TRUE(*Holds("miou_drop > 0.009"));  // 1 point.
  EXPECT_FALSE(*Holds("miou_drop > 0.011"));
  EXPECT_TRUE(*Holds("agreement < 0.99"));
  EXPECT_TRUE(*Holds("psnr_db >= 41"));
  EXPECT_TRUE(*Holds("time_ratio == 1.2"));
  EXPECT_TRUE(*Holds("bytes_ratio<=.25"));
  EXPECT_FALSE(*Holds("bytes != 250"));
}

TEST(Condition, PerCentAndPointsAreHundredths) {
  EXPECT_TRUE(*Holds("miou_drop > 0.9%"));
  EXPECT_FALSE(*Holds("miou_drop > 1.1 points"));
  EXPECT_TRUE(*Holds("agreement < 99 % and bytes > 1"));
  EXPECT_TRUE(*Holds("bytes_ratio <= 25%"));
}

// A gate in another unit than the figure's would never close.
TEST(Condition, SharesThatAreNoneAreRefused) {
  for (const char* text : {"agreement < 99", "miou_drop > 0.5", "miou_drop > 2", "miou > 70"}) {
    const absl::Status status = CheckCondition(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("0 to 1 as in results.json")) << text;
  }
  EXPECT_THAT(std::string(CheckCondition("miou_drop > 0.5").message()),
              HasSubstr("write 0.005 or 0.5% (or 50%)"));
  EXPECT_TRUE(CheckCondition("psnr_db < 40 and psnr_db_drop > 3 and agreement < 1").ok());
}

TEST(Condition, WhatDiffersByNoMoreThanRoundingIsEqual) {
  EXPECT_FALSE(*Holds("miou_drop > 0.01"));  // 0.70 - 0.69 is 0.010000000000000009.
  EXPECT_TRUE(*Holds("miou_drop == 0.01"));
  EXPECT_TRUE(*Holds("miou_drop <= 0.01"));
}

TEST(Condition, ARatioWithinTheNoiseIsOne) {
  const auto holds = [](double spread) {
    VariantResult slower = Variant();
    slower.spread_ms = spread;
    std::string reason;
    return Condition::Parse("time_ratio > 1.1")->Holds(Original(), slower, {}, reason).value();
  };
  EXPECT_TRUE(holds(0.2));
  EXPECT_FALSE(holds(3));
}

TEST(Condition, TheWorseEndOfADropHasItsOwnName) {
  VariantResult variant = Variant();
  variant.intervals["miou"] = {-0.04, 0.02};
  std::string reason;
  EXPECT_TRUE(*Condition::Parse("miou_drop_worst > 0.03")->Holds(Original(), variant, {}, reason));
  EXPECT_FALSE(*Condition::Parse("miou_drop > 0.03")->Holds(Original(), variant, {}, reason));
}

TEST(Condition, EqualOutputsHaveAllTheDecibelsThereAre) {
  VariantResult variant = Variant();
  variant.metrics.psnr_db.reset();
  variant.metrics.max_relative_difference = 0;
  std::string reason;
  EXPECT_FALSE(*Condition::Parse("psnr_db < 40")->Holds(Original(), variant, {}, reason));
}

// Only fractions become points: a drop of 3 dB is 3.
TEST(Condition, ADropInDecibelsStaysInDecibels) {
  VariantResult before = Original();
  before.metrics.psnr_db = 44;
  before.metrics.max_relative_difference = 0.25;
  VariantResult after = Variant();
  after.metrics.max_relative_difference = 0.5;
  const auto holds = [&](absl::string_view text) {
    std::string reason;
    return Condition::Parse(text)->Holds(before, after, {}, reason).value();
  };
  EXPECT_TRUE(holds("psnr_db_drop == 3"));
  EXPECT_TRUE(holds("max_relative_difference_drop == -0.25"));
  EXPECT_TRUE(holds("max_relative_difference == 0.5"));
  EXPECT_TRUE(holds("miou_drop > 0.009"));
}

TEST(Condition, AndBindsTighterThanOr) {
  EXPECT_TRUE(*Holds("bytes < 300 or bytes < 100 and bytes < 50"));
  EXPECT_FALSE(*Holds("(bytes < 300 or bytes < 100) and bytes < 50"));
  EXPECT_TRUE(*Holds("bytes < 300 AND agreement < 0.99"));
  EXPECT_FALSE(*Holds("bytes < 100 and bytes < 300"));
  EXPECT_FALSE(*Holds("bytes < 300 and bytes < 100"));
}

TEST(Condition, SaysWhichFiguresMadeItTrue) {
  std::string reason;
  EXPECT_TRUE(*Holds("bytes > 5000 or time_ratio > 1.1", &reason));
  EXPECT_EQ(reason, "time_ratio is 1.2 (> 1.1)");
}

TEST(Condition, WhatWasNotMeasuredIsAnErrorWhereItDecides) {
  EXPECT_THAT(std::string(Holds("top1_drop > 0.01").status().message()),
              HasSubstr("small: top1_drop was not measured"));
  EXPECT_TRUE(*Holds("bytes < 300 or top1_drop > 0.01"));
  EXPECT_FALSE(Holds("memory_ratio > 1").ok());
}

TEST(Condition, WhatIsNoConditionIsNamed) {
  for (const char* text : {"", "miou", "miou >", "miou > x", "> 1", "(bytes > 1", "bytes > 1)",
                           "bytes > 1 and", "bytes > 1 bytes < 2", "bytes >> 1"}) {
    EXPECT_EQ(CheckCondition(text).code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(CheckCondition("speed > 1").message()),
              AllOf(HasSubstr("\"speed\""), HasSubstr("bytes_ratio"), HasSubstr("agreement_miou")));
  EXPECT_FALSE(CheckCondition(std::string(10000, '(') + "bytes > 1").ok());
}

TEST(FailIf, NamesTheVariantsThatFail) {
  Results results;
  results.variants = {Original(), Variant()};
  EXPECT_TRUE(FailIf(results, "miou_drop > 0.02").ok());
  const absl::Status failed = FailIf(results, "miou_drop > 0.5%");
  EXPECT_EQ(failed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("small: miou_drop is 0.01 (> 0.005)"));
}

TEST(FailIf, NothingToJudgeIsNoPass) {
  Results results;
  results.variants = {Variant(), Variant()};
  EXPECT_EQ(FailIf(results, "miou < 0.1").code(), absl::StatusCode::kNotFound);
  results.variants = {Original()};
  EXPECT_EQ(FailIf(results, "miou < 0.1").code(), absl::StatusCode::kNotFound);
  results.variants = {Original(), Variant()};
  EXPECT_EQ(FailIf(results, "top1 < 0.1").code(), absl::StatusCode::kNotFound);
}

// Masks of other ids lose nothing by quantizing: that is no pass.
TEST(FailIf, ATruthThatTheOriginalDoesNotMeetIsNoPass) {
  Results results;
  results.task = "segmentation";
  results.variants = {Original(), Variant()};
  for (VariantResult& row : results.variants) row.metrics.miou = 0.03;
  results.verdict = MakeVerdict(results, std::nullopt);
  const absl::Status status = FailIf(results, "miou_drop > 0.5%");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("itself reaches only mIoU 3.00 %"));
  EXPECT_TRUE(FailIf(results, "bytes_ratio > 0.5").ok());
}

TEST(FailIf, OutputsThatAreNoNumbersFail) {
  Results results;
  results.variants = {Original(), Variant()};
  results.variants[1].nonfinite_values = 3;
  const absl::Status failed = FailIf(results, "psnr_db < 1");
  EXPECT_EQ(failed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("small: its outputs hold 3 values"));
}

TEST(FailIf, AVariantThatCouldNotRunFails) {
  const absl::Status failed = FailIf(SampleResults(), "bytes_ratio > 2");
  EXPECT_THAT(std::string(failed.message()), HasSubstr("the file is truncated"));
}

}  // namespace
}  // namespace nbits

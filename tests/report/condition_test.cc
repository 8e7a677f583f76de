// SPDX-License-Identifier: Apache-2.0
#include "report/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/report.h"
#include "tests/report/sample_results.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;

VariantResult Original() {
  VariantResult row;
  row.is_original = true;
  row.bytes = 1000;
  row.median_ms = 10;
  row.metrics.miou = 0.70;
  row.metrics.agreement = 1;
  return row;
}

VariantResult Variant() {
  VariantResult row;
  row.name = "small";
  row.bytes = 250;
  row.median_ms = 12;
  row.metrics.miou = 0.69;
  row.metrics.agreement = 0.98;
  row.metrics.psnr_db = 41;
  return row;
}

absl::StatusOr<bool> Holds(absl::string_view text, std::string* reason = nullptr) {
  const auto condition = Condition::Parse(text);
  if (!condition.ok()) return condition.status();
  std::string unused;
  return condition->Holds(Original(), Variant(), reason != nullptr ? *reason : unused);
}

TEST(Condition, ComparesFiguresInTheirUnits) {
  EXPECT_TRUE(*Holds("miou_drop > 0.9"));  // 1 point.
  EXPECT_FALSE(*Holds("miou_drop > 1.1"));
  EXPECT_TRUE(*Holds("agreement < 99"));
  EXPECT_TRUE(*Holds("psnr_db >= 41"));
  EXPECT_TRUE(*Holds("time_ratio == 1.2"));
  EXPECT_TRUE(*Holds("bytes_ratio<=.25"));
  EXPECT_FALSE(*Holds("bytes != 250"));
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
    return Condition::Parse(text)->Holds(before, after, reason).value();
  };
  EXPECT_TRUE(holds("psnr_db_drop == 3"));
  EXPECT_TRUE(holds("max_relative_difference_drop == -0.25"));
  EXPECT_TRUE(holds("max_relative_difference == 0.5"));
  EXPECT_TRUE(holds("miou_drop > 0.9"));
}

TEST(Condition, AndBindsTighterThanOr) {
  EXPECT_TRUE(*Holds("bytes < 300 or bytes < 100 and bytes < 50"));
  EXPECT_FALSE(*Holds("(bytes < 300 or bytes < 100) and bytes < 50"));
  EXPECT_TRUE(*Holds("bytes < 300 AND agreement < 99"));
  EXPECT_FALSE(*Holds("bytes < 100 and bytes < 300"));
  EXPECT_FALSE(*Holds("bytes < 300 and bytes < 100"));
}

TEST(Condition, SaysWhichFiguresMadeItTrue) {
  std::string reason;
  EXPECT_TRUE(*Holds("bytes > 5000 or time_ratio > 1.1", &reason));
  EXPECT_EQ(reason, "time_ratio is 1.2 (> 1.1)");
}

TEST(Condition, WhatWasNotMeasuredIsAnErrorWhereItDecides) {
  EXPECT_THAT(std::string(Holds("top1_drop > 1").status().message()),
              HasSubstr("small: top1_drop was not measured"));
  EXPECT_TRUE(*Holds("bytes < 300 or top1_drop > 1"));
  EXPECT_FALSE(Holds("memory_ratio > 1").ok());
}

TEST(Condition, WhatIsNoConditionIsNamed) {
  for (const char* text : {"", "miou", "miou >", "miou > x", "> 1", "(bytes > 1", "bytes > 1)",
                           "bytes > 1 and", "bytes > 1 bytes < 2", "bytes >> 1"}) {
    EXPECT_EQ(CheckCondition(text).code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(CheckCondition("speed > 1").message()), HasSubstr("\"speed\""));
  EXPECT_FALSE(CheckCondition(std::string(10000, '(') + "bytes > 1").ok());
}

TEST(FailIf, NamesTheVariantsThatFail) {
  Results results;
  results.variants = {Original(), Variant()};
  EXPECT_TRUE(FailIf(results, "miou_drop > 2").ok());
  const absl::Status failed = FailIf(results, "miou_drop > 0.5");
  EXPECT_EQ(failed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("small: miou_drop is 1 (> 0.5)"));
}

TEST(FailIf, AVariantThatCouldNotRunFails) {
  const absl::Status failed = FailIf(SampleResults(), "bytes_ratio > 2");
  EXPECT_THAT(std::string(failed.message()), HasSubstr("the file is truncated"));
}

}  // namespace
}  // namespace nbits

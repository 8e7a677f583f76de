// SPDX-License-Identifier: Apache-2.0
#include "results/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "results/change.h"

namespace nbits {
namespace {

VariantResult Row(const char* name, int64_t bytes, double miou, double agreement = 1) {
  VariantResult row;
  row.name = name;
  row.bytes = bytes;
  row.median_ms = 10;
  row.spread_ms = 0.1;
  row.peak_memory_bytes = 100'000'000;
  row.metrics.miou = miou;
  row.metrics.agreement = agreement;
  return row;
}

Results Sample() {
  Results results;
  results.task = "segmentation";
  results.noise_floor.time_ratio_spread = 0.01;
  results.variants = {Row("original", 1000, 0.700), Row("16", 500, 0.700), Row("8", 250, 0.699),
                      Row("8-table", 260, 0.701),   Row("4", 125, 0.690),  Row("1", 40, 0.1)};
  results.variants[0].is_original = true;
  return results;
}

std::string NameOf(const Results& results, const std::optional<int>& index) {
  return index ? results.variants[static_cast<size_t>(*index)].name : "none";
}

TEST(Verdict, TakesTheBestOfThoseNearlyAsSmallAsTheSmallest) {
  const Results results = Sample();
  const auto verdict = MakeVerdict(results, std::nullopt);
  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(verdict->metric, "miou");
  EXPECT_EQ(verdict->allowed_loss, 0.005);
  EXPECT_EQ(NameOf(results, verdict->smallest), "8");
  EXPECT_EQ(NameOf(results, verdict->recommended), "8-table");
}

TEST(Verdict, FollowsTheAllowedLoss) {
  const Results results = Sample();
  EXPECT_EQ(NameOf(results, MakeVerdict(results, 0.02)->recommended), "4");
  EXPECT_EQ(NameOf(results, MakeVerdict(results, 0)->smallest), "8-table");
  EXPECT_EQ(NameOf(results, MakeVerdict(results, -1)->smallest), "none");
}

TEST(Verdict, ExactlyTheAllowedLossIsAllowed) {
  Results results = Sample();
  results.variants.resize(3);
  results.variants[2].metrics.miou = 0.5;  // Only "16" is left, which loses nothing.
  EXPECT_EQ(NameOf(results, MakeVerdict(results, 0)->smallest), "16");
}

TEST(Verdict, WhatIsAsLargeAsTheOriginalIsNoSmallerVariant) {
  Results results = Sample();
  results.variants = {results.variants[0], Row("same size", 1000, 0.700)};
  const auto verdict = MakeVerdict(results, std::nullopt);
  ASSERT_TRUE(verdict.has_value());
  EXPECT_FALSE(verdict->smallest.has_value());
  EXPECT_FALSE(verdict->recommended.has_value());
}

TEST(Verdict, PassesOverTheSlowerAndFatterWhenOthersAreThere) {
  Results results = Sample();
  results.variants[2].median_ms = 12;
  results.variants[3].peak_memory_bytes = 110'000'000;
  EXPECT_EQ(NameOf(results, MakeVerdict(results, std::nullopt)->recommended), "16");
  EXPECT_EQ(NameOf(results, MakeVerdict(results, std::nullopt)->smallest), "8");
  results.variants[1].median_ms = 12;
  EXPECT_EQ(NameOf(results, MakeVerdict(results, std::nullopt)->recommended), "8-table");
}

TEST(Verdict, AScoreKeptByLuckIsNotGoodEnough) {
  Results results = Sample();
  results.variants[2].metrics.agreement = 0.9;  // Ten times 0.005 may differ.
  EXPECT_EQ(NameOf(results, MakeVerdict(results, std::nullopt)->smallest), "8-table");
}

TEST(Verdict, JudgesByDecibelsWhereNothingElseIsThere) {
  Results results = Sample();
  results.task = "image_to_image";
  for (VariantResult& row : results.variants) {
    row.metrics = {};
    row.metrics.psnr_db = 30;
  }
  results.variants[0].metrics.psnr_db.reset();
  results.variants[1].metrics.max_relative_difference = 0;
  results.variants[2].metrics.psnr_db = 45;
  const auto verdict = MakeVerdict(results, std::nullopt);
  EXPECT_EQ(verdict->metric, "psnr_db");
  EXPECT_EQ(NameOf(results, verdict->smallest), "8");
}

TEST(Verdict, NothingMeasuredIsNoVerdict) {
  Results results = Sample();
  for (VariantResult& row : results.variants) row.metrics = {};
  EXPECT_FALSE(MakeVerdict(results, std::nullopt).has_value());
  EXPECT_FALSE(MakeVerdict({}, std::nullopt).has_value());
}

TEST(Verdict, OrderOfTheVariantsChangesNothing) {
  const Results sorted = Sample();
  const auto expected = MakeVerdict(sorted, std::nullopt);
  std::mt19937 generator(1);
  for (int round = 0; round < 50; ++round) {
    Results results = sorted;
    std::shuffle(results.variants.begin() + 1, results.variants.end(), generator);
    const auto verdict = MakeVerdict(results, std::nullopt);
    EXPECT_EQ(NameOf(results, verdict->smallest), NameOf(sorted, expected->smallest));
    EXPECT_EQ(NameOf(results, verdict->recommended), NameOf(sorted, expected->recommended));
  }
}

TEST(Noise, DifferencesWithinSpreadOrFloorAreNone) {
  VariantResult a = Row("a", 1, 1), b = Row("b", 1, 1);
  NoiseFloor noise;
  b.median_ms = 10.2;
  EXPECT_EQ(TimeChange(a, b, noise), Change::kSame);  // Below 3 %, the floor of a single process.
  noise.time_ratio_spread = 0.01;
  EXPECT_EQ(TimeChange(a, b, noise), Change::kMore);
  b.spread_ms = 0.5;
  EXPECT_EQ(TimeChange(a, b, noise), Change::kSame);
  b.peak_memory_bytes = 101'000'000;
  EXPECT_EQ(MemoryChange(a, b, noise), Change::kSame);
  b.peak_memory_bytes = 104'000'000;
  EXPECT_EQ(MemoryChange(a, b, noise), Change::kMore);
  noise.memory_ratio_spread = 0.03;
  EXPECT_EQ(MemoryChange(a, b, noise), Change::kSame);
}

TEST(Noise, ABusyMachineAndTooFewRunsTellNothing) {
  VariantResult a = Row("a", 1, 1), b = Row("b", 1, 1);
  b.spread_ms = 6;  // 30 % to each side.
  b.median_ms = 11;
  EXPECT_EQ(TimeChange(a, b, {}), Change::kNoisy);
  b = Row("b", 1, 1);
  NoiseFloor noise;
  noise.time_ratio_spread = 0.4;
  EXPECT_EQ(TimeChange(a, b, noise), Change::kNoisy);
  b.times_ms = {9, 11};
  EXPECT_EQ(TimeChange(a, b, {}), Change::kUnknown);
  b.spread_ms.reset();
  b.times_ms.clear();
  EXPECT_EQ(TimeChange(a, b, {}), Change::kUnknown);
}

// The median of a model of 0.1 ms is 46 ms where others take the processor: its fastest run is not.
TEST(Noise, MediansAreNotBelievedAgainstTheFastestRuns) {
  VariantResult a = Row("a", 1, 1), b = Row("b", 1, 1);
  a.median_ms = a.min_ms = 0.1;
  b.median_ms = 46;
  b.spread_ms = 10;
  b.min_ms = 0.09;
  EXPECT_EQ(TimeChange(a, b, {}), Change::kNoisy);
  b.min_ms = 40;
  EXPECT_EQ(TimeChange(a, b, {}), Change::kMore);
}

}  // namespace
}  // namespace nbits

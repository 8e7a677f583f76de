// SPDX-License-Identifier: Apache-2.0
// Comparisons that were cut short, and those that go on with what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "tests/compare/compare_fixture.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;
using ResumeTest = CompareTest;

// What does not depend on the clock.
std::string FiguresOf(Results results) {
  results.created.clear();
  return ResultsToJson(results);
}

int RunsOf(CompareOptions options) {
  int runs = 0;
  options.progress = [&](int64_t, int64_t) { ++runs; };
  EXPECT_TRUE(Compare(options).ok());
  return runs;
}

TEST_F(ResumeTest, GoesOnWhereItWasCutShort) {
  for (const char* name : {"a.png", "b.png", "c.png"}) AddPicture(name);
  AddMask("a.png");
  AddVariant("half-wrong");
  AddVariant("same");
  const auto whole = Compare(options_);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_FALSE(whole->partial.has_value());

  std::atomic<bool> interrupted = false;
  options_.interrupted = &interrupted;
  int runs = 0;
  options_.progress = [&](int64_t, int64_t) {
    interrupted = ++runs == 12;
  };  // In the second picture.
  const auto partial = Compare(options_);
  ASSERT_TRUE(partial.ok()) << partial.status();
  ASSERT_TRUE(partial->partial.has_value());
  EXPECT_EQ(partial->partial->total, 4 * 3 * 2);
  EXPECT_LT(partial->partial->done, partial->partial->total);

  interrupted = false;
  runs = 0;
  options_.resume = true;
  options_.progress = [&](int64_t, int64_t) { ++runs; };
  const auto resumed = Compare(options_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(runs, 4 * 2 * 2);  // The first picture is not repeated.
  EXPECT_EQ(FiguresOf(*resumed), FiguresOf(*whole));
}

// What has not had its turn may change until it has; what has is measured anew.
TEST_F(ResumeTest, SamplesAreReadInTheirTurn) {
  for (const char* name : {"a.png", "b.png", "c.png"}) AddPicture(name);
  AddVariant("same");
  std::atomic<bool> interrupted = false;
  options_.interrupted = &interrupted;
  options_.progress = [&](int64_t done, int64_t) { interrupted = done == 8; };  // In the second.
  ASSERT_TRUE(Compare(options_).ok());
  const std::string notes = ReadFile((folder_ / "out/progress/samples.jsonl").string()).value();
  EXPECT_EQ(std::count(notes.begin(), notes.end(), '\n'), 2);
  AddMask("c.png");
  std::string news;
  options_.note = [&](const std::string& line) { news = line; };
  interrupted = false;
  options_.resume = true;
  EXPECT_EQ(RunsOf(options_), 3 * 2 * 2);
  EXPECT_EQ(news, "");  // It goes on with the same pictures.
  AddMask("a.png");
  EXPECT_EQ(RunsOf(options_), 3 * 2);
  EXPECT_THAT(news, HasSubstr("0 of 1 variants, 1 of 3 pictures"));
}

// What the check before the work has found is not looked for again.
TEST_F(ResumeTest, WhatWasFoundBeforeIsTakenOver) {
  AddPicture("a.png");
  AddVariant("same");
  const auto found = CheckCompareOptions(options_);
  ASSERT_TRUE(found.ok()) << found.status();
  options_.found = *found;
  AddPicture("b.png");
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(results->pictures.size(), 1u);
  AddVariant("gone");
  std::filesystem::remove(options_.variants[1].file);
  EXPECT_EQ(Compare(options_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ResumeTest, ACompleteRunRepeatsNothing) {
  AddPicture("a.png");
  AddVariant("half-wrong");
  const auto whole = Compare(options_);
  ASSERT_TRUE(whole.ok()) << whole.status();
  options_.resume = true;
  int runs = 0;
  options_.progress = [&](int64_t, int64_t) { ++runs; };
  const auto resumed = Compare(options_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(FiguresOf(*resumed), FiguresOf(*whole));
}

TEST_F(ResumeTest, OtherSettingsAreNamedAndNothingIsForgotten) {
  AddPicture("a.png");
  AddVariant("same");
  ASSERT_TRUE(Compare(options_).ok());
  options_.resume = true;
  options_.threads = 3;
  EXPECT_THAT(std::string(Compare(options_).status().message()),
              HasSubstr("threads was 0 and is 3"));
  EXPECT_EQ(CheckResume(options_), Compare(options_).status());
  options_.threads = 0;
  EXPECT_EQ(RunsOf(options_), 0);
}

// What is added is run, and nothing else; pictures keep their files though their order changes.
TEST_F(ResumeTest, TakesInNewPicturesAndVariants) {
  AddPicture("b.png");
  AddVariant("half-wrong");
  ASSERT_TRUE(Compare(options_).ok());
  options_.resume = true;
  AddPicture("a.png");
  EXPECT_EQ(RunsOf(options_), 3 * 2);  // The original twice, and the variant.
  options_.variants.insert(options_.variants.begin(), {.file = AddChangedModel("same")});
  std::string news;
  options_.note = [&](const std::string& line) { news = line; };
  EXPECT_EQ(RunsOf(options_), 2 * 2);
  EXPECT_THAT(news, HasSubstr("1 of 2 variants, 0 of 2 pictures"));
  const auto resumed = Compare(options_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  options_.resume = false;
  options_.output = (folder_ / "anew").string();
  const auto anew = Compare(options_);
  ASSERT_TRUE(anew.ok()) << anew.status();
  for (size_t picture : {0, 1}) {
    for (size_t variant : {0, 1, 2}) {
      const auto& is = resumed->pictures[picture].outputs[variant].ids;
      const auto& wanted = anew->pictures[picture].outputs[variant].ids;
      EXPECT_EQ(ReadFile((folder_ / "out" / *is).string()).value(),
                ReadFile((folder_ / "anew" / *wanted).string()).value());
    }
  }
  EXPECT_EQ(resumed->variants[2].metrics.agreement, anew->variants[2].metrics.agreement);
}

// A model of the same name and size: what it would give is not known.
TEST_F(ResumeTest, AModelThatWasReplacedIsMeasuredAnew) {
  AddPicture("a.png");
  AddVariant("same");
  ASSERT_TRUE(Compare(options_).ok());
  options_.resume = true;
  AddChangedModel("same");
  EXPECT_EQ(RunsOf(options_), 2);
  AddChangedModel("model");
  EXPECT_THAT(std::string(Compare(options_).status().message()),
              HasSubstr("the original is another model"));
}

TEST_F(ResumeTest, AChangedPictureOrMaskIsMeasuredAnew) {
  AddPicture("a.png");
  AddPicture("b.png");
  AddMask("a.png");
  AddVariant("half-wrong");
  const auto before = Compare(options_);
  ASSERT_TRUE(before.ok()) << before.status();
  options_.resume = true;
  const std::string mask = (folder_ / "masks/a.png").string();
  ClassMap inverted{8, 8, std::vector<uint8_t>(64, 0)};
  for (size_t i = 0; i < 64; ++i) inverted.ids[i] = i % 8 < 4 ? 1 : 0;
  ASSERT_TRUE(WriteFileAtomically(mask, *EncodeMaskPng(inverted)).ok());
  int runs = 0;
  options_.progress = [&](int64_t, int64_t) { ++runs; };
  const auto after = Compare(options_);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(runs, 3 * 2);  // Of one picture.
  EXPECT_GT(*before->variants[0].metrics.miou, 0.9);
  EXPECT_LT(*after->variants[0].metrics.miou, 0.1);
  std::filesystem::copy(folder_ / "images/a.png", folder_ / "images/c.png");
  EXPECT_EQ(RunsOf(options_), 3 * 2);
}

// Each copies everything so far: one for every picture would make long runs longer than they are.
TEST_F(ResumeTest, CheckpointsAreSeldom) {
  for (char name = 'a'; name < 'm'; ++name) AddPicture(std::string(1, name) + ".png");
  AddVariant("same");
  int checkpoints = 0;
  options_.checkpoint = [&](const Results& results) {
    EXPECT_TRUE(results.partial.has_value());
    ++checkpoints;
  };
  ASSERT_TRUE(Compare(options_).ok());
  EXPECT_GE(checkpoints, 1);
  EXPECT_LE(checkpoints, 6);
}

TEST_F(ResumeTest, BeginningAnewLeavesFilesOfOthers) {
  AddPicture("a.png");
  AddVariant("same");
  std::filesystem::create_directories(folder_ / "out/progress");
  const std::string file = (folder_ / "out/progress/notes.json").string();
  ASSERT_TRUE(WriteFileAtomically(file, "mine").ok());
  ASSERT_TRUE(Compare(options_).ok());
  EXPECT_EQ(ReadFile(file).value(), "mine");
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
// Comparisons that were cut short, and those that go on with what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST_F(ResumeTest, AnotherRunIsNotResumed) {
  AddPicture("a.png");
  AddVariant("same");
  ASSERT_TRUE(Compare(options_).ok());
  options_.resume = true;
  AddPicture("b.png");
  EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("--resume"));
  options_.resume = false;
  EXPECT_TRUE(Compare(options_).ok());
}

// Another model of the same name and size: what it would give is not known.
TEST_F(ResumeTest, AModelThatWasReplacedIsNotResumed) {
  AddPicture("a.png");
  AddVariant("same");
  ASSERT_TRUE(Compare(options_).ok());
  options_.resume = true;
  ASSERT_TRUE(Compare(options_).ok());
  for (const std::string& file : {options_.original.file, options_.variants[0].file}) {
    const std::string bytes = ReadFile(file).value();
    std::string other = bytes;
    other[other.size() / 2] ^= 1;
    ASSERT_TRUE(WriteFileAtomically(file, other).ok());
    EXPECT_THAT(std::string(Compare(options_).status().message()), HasSubstr("--resume"));
    ASSERT_TRUE(WriteFileAtomically(file, bytes).ok());
  }
  EXPECT_TRUE(Compare(options_).ok());
}

}  // namespace
}  // namespace nbits

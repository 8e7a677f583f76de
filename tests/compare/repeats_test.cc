// SPDX-License-Identifier: Apache-2.0
// Times that are measured again until they are known well: how long, and what ends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/compare/compare_fixture.h"

namespace nbits {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

class RepeatsTest : public CompareTest {
 protected:
  // One picture, and no number of runs: times that scatter are measured again.
  void SetUp() override {
    CompareTest::SetUp();
    AddPicture("a.png");
    AddVariant("time-scattered");
    options_.runs = 0;
    options_.max_runs = 100000;
    options_.measuring_again = [this](double seconds) { seconds_.push_back(seconds); };
  }
  std::vector<double> seconds_;
};

TEST_F(RepeatsTest, InterruptingThemLeavesACompleteResult) {
  std::atomic<bool> interrupted = false;
  options_.interrupted = &interrupted;
  int64_t done = 0, total = 0;
  options_.progress = [&](int64_t value, int64_t of) { done = value, total = of; };
  options_.measuring_again = [&](double seconds) {
    seconds_.push_back(seconds);
    interrupted = true;
  };
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_FALSE(results->partial.has_value());
  EXPECT_EQ(results->variants[1].times_ms.size(), 10u);
  EXPECT_EQ(done, total);
  // No longer than the job so far took, but five seconds at least.
  EXPECT_THAT(seconds_, ElementsAre(AllOf(Ge(5), Le(60)), 0));
}

TEST_F(RepeatsTest, TakeNoLongerThanAsked) {
  options_.max_seconds = 0.05;
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_THAT(seconds_, ElementsAre(0.05, 0));
  EXPECT_GT(results->variants[1].times_ms.size(), 10u);
}

TEST_F(RepeatsTest, NoSecondsAreNoRepeats) {
  options_.max_seconds = 0;
  const auto results = Compare(options_);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_THAT(seconds_, ElementsAre());
  EXPECT_EQ(results->variants[1].times_ms.size(), 10u);
}

}  // namespace
}  // namespace nbits

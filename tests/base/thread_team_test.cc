// SPDX-License-Identifier: Apache-2.0
// Who calls the body, how often, and what the caller waits for.
#include "base/threads/thread_team.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace nbits {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Whether `done` comes true within 20 seconds: long, for a machine that is busy with other things.
template <typename Done>
bool Eventually(const Done& done) {
  const auto end = steady_clock::now() + std::chrono::seconds(20);
  while (!done() && steady_clock::now() < end) std::this_thread::yield();
  return done();
}

// Runs a loop in which all of `threads` take part, and names their threads.
std::vector<std::thread::id> AllTakePart(ThreadTeam& team, int threads) {
  std::vector<std::thread::id> ids(threads);
  std::atomic<int> begun = 0;
  team.Run(threads, [&](int thread) {
    ids[thread] = std::this_thread::get_id();
    ++begun;
    EXPECT_TRUE(Eventually([&] { return begun == threads; }));
  });
  return ids;
}

TEST(ThreadTeamTest, EachNumberIsOneThreadFromCallToCall) {
  ThreadTeam team;
  const std::vector<std::thread::id> first = AllTakePart(team, 3);
  EXPECT_EQ(first[0], std::this_thread::get_id());
  EXPECT_NE(first[1], first[2]);
  EXPECT_EQ(AllTakePart(team, 3), first);
  EXPECT_THAT(AllTakePart(team, 2), testing::ElementsAre(first[0], first[1]));
}

TEST(ThreadTeamTest, WakesHelpersThatSleep) {
  ThreadTeam team;
  const std::vector<std::thread::id> first = AllTakePart(team, 2);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(AllTakePart(team, 2), first);
}

TEST(ThreadTeamTest, WaitsForHelpersThatHaveBegun) {
  ThreadTeam team;
  std::atomic<bool> begun = false, done = false;
  team.Run(2, [&](int thread) {
    if (thread == 0) {
      EXPECT_TRUE(Eventually([&] { return begun.load(); }));
      return;
    }
    begun = true;
    std::this_thread::sleep_for(milliseconds(20));
    done = true;
  });
  EXPECT_TRUE(done);
}

TEST(ThreadTeamTest, CallsEachNumberAtMostOnce) {
  ThreadTeam team;
  for (int loop = 0; loop < 5000; ++loop) {
    std::array<std::atomic<int>, 4> calls = {};
    team.Run(4, [&](int thread) { ++calls[thread]; });
    ASSERT_EQ(calls[0], 1);
    for (int thread = 1; thread < 4; ++thread) ASSERT_LE(calls[thread], 1);
  }
}

TEST(ThreadTeamTest, ThrowsWhatTheCallerThrew) {
  ThreadTeam team;
  const auto fail = [](int thread) {
    if (thread == 0) throw std::runtime_error("caller");
  };
  EXPECT_THROW(team.Run(2, fail), std::runtime_error);
  AllTakePart(team, 2);
}

TEST(ThreadTeamTest, ThrowsWhatAHelperThrew) {
  ThreadTeam team;
  std::atomic<bool> begun = false;
  const auto fail = [&](int thread) {
    if (thread == 0) {
      EXPECT_TRUE(Eventually([&] { return begun.load(); }));
      return;
    }
    begun = true;
    throw std::runtime_error("helper");
  };
  EXPECT_THROW(team.Run(2, fail), std::runtime_error);
  AllTakePart(team, 2);
}

}  // namespace
}  // namespace nbits

// SPDX-License-Identifier: Apache-2.0
#include "base/threads/parallel.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <vector>

namespace nbits {
namespace {

// Whether a loop over `count` items does each of them once.
bool EachOnce(int64_t count, int threads) {
  std::vector<std::atomic<int>> times(count);
  ParallelFor(
      count, [&](int64_t i) { ++times[i]; }, threads);
  for (const std::atomic<int>& of_item : times) {
    if (of_item != 1) return false;
  }
  return true;
}

TEST(ParallelTest, EachItemOnce) {
  for (const int threads : {0, 1, 2, 5}) {
    for (const int64_t count : {0, 1, 2, 1000}) {
      EXPECT_TRUE(EachOnce(count, threads)) << count << " on " << threads;
    }
  }
}

TEST(ParallelTest, LoopsInsideLoops) {
  std::atomic<int> inner = 0;
  ParallelFor(
      8,
      [&](int64_t) {
        ParallelFor(
            8, [&](int64_t) { ++inner; }, 4);
      },
      4);
  EXPECT_EQ(inner, 64);
}

// A child of a fork has none of its parent's helpers: it does without them, begins its own, and
// ends.
TEST(ParallelTest, ChildrenOfAForkHaveTheirOwnHelpers) {
  ASSERT_TRUE(EachOnce(100, 3));
  const pid_t child = fork();
  if (child == 0) {
    const bool all = EachOnce(100, 3) && EachOnce(100, 3);
    _exit(all ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(EachOnce(100, 3));
}

}  // namespace
}  // namespace nbits

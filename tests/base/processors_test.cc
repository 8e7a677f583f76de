// SPDX-License-Identifier: Apache-2.0
#include "base/threads/processors.h"

#include <gtest/gtest.h>

#ifdef __linux__
#include <sched.h>
#endif

#include <optional>
#include <thread>

#include "tests/support/left_out.h"

namespace nbits {
namespace {

TEST(ProcessorsTest, ReadsQuotas) {
  EXPECT_EQ(ProcessorQuota("200000 100000\n"), 2.0);
  EXPECT_EQ(ProcessorQuota("150000 100000\n"), 1.5);
  EXPECT_EQ(ProcessorQuota("max 100000\n"), std::nullopt);
  for (const char* text : {"", "\n", "200000", "200000 0", "-1 100000", "nan 100000", "1 2 3"}) {
    EXPECT_EQ(ProcessorQuota(text), std::nullopt) << text;
  }
}

TEST(ProcessorsTest, ThereIsOneAtLeast) { EXPECT_GE(UsableProcessors(), 1); }

#ifdef __linux__
TEST(ProcessorsTest, FollowsWhatTheThreadIsBoundTo) {
  std::thread bound([] {
    cpu_set_t set;
    ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
    int first = 0;
    while (!CPU_ISSET(first, &set)) ++first;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    ASSERT_EQ(sched_setaffinity(0, sizeof set, &set), 0);
    EXPECT_EQ(UsableProcessors(), 1);
  });
  bound.join();
}

TEST(ProcessorsTest, LeavesAProcessorForAnother) {
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  if (CPU_COUNT(&before) < 2) NBITS_LEAVE_OUT("one processor alone");
  LeaveProcessor(CurrentProcessor());
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}
#endif

}  // namespace
}  // namespace nbits

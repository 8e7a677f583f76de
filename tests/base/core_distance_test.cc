// SPDX-License-Identifier: Apache-2.0
#include "base/threads/core_distance.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace nbits {
namespace {

TEST(CoreDistanceTest, OneThreadHasNoOther) { EXPECT_FALSE(CoresAreFar(1)); }

// What the answer is depends on the machine; that there is one, from several callers and for more
// threads than cores, does not.
TEST(CoreDistanceTest, AnswersWhateverElseRuns) {
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) callers.emplace_back([] { CoresAreFar(5); });
  for (std::thread& caller : callers) caller.join();
}

TEST(CoreDistanceTest, AnswersWhatIsAssumed) {
  AssumeCoresAreFar(true);
  EXPECT_TRUE(CoresAreFar(2));
  AssumeCoresAreFar(false);
  EXPECT_FALSE(CoresAreFar(2));
  AssumeCoresAreFar(std::nullopt);
}

}  // namespace
}  // namespace nbits

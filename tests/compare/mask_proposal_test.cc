// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/mask_proposal.h"

#include <gtest/gtest.h>

namespace nbits {
namespace {

TEST(ProposeMaskMap, FindsAPermutation) {
  ConfusionMatrix matrix(4);
  ASSERT_TRUE(matrix.AddCount(0, 2, 900).ok());
  ASSERT_TRUE(matrix.AddCount(0, 1, 100).ok());
  ASSERT_TRUE(matrix.AddCount(1, 0, 80).ok());
  ASSERT_TRUE(matrix.AddCount(2, 2, 60).ok());  // Nothing that the model finds.
  ASSERT_TRUE(matrix.AddCount(3, 3, 50).ok());
  EXPECT_EQ(ProposeMaskMap(matrix), "0=2,1=0");
}

TEST(ProposeMaskMap, LeavesMasksAloneThatFit) {
  ConfusionMatrix matrix(3);
  for (int id = 0; id < 3; ++id) ASSERT_TRUE(matrix.AddCount(id, id, 100).ok());
  EXPECT_EQ(ProposeMaskMap(matrix), std::nullopt);
  EXPECT_EQ(ProposeMaskMap(ConfusionMatrix(3)), std::nullopt);
}

TEST(ProposeMaskMap, IgnoresIdsThatNothingFinds) {
  ConfusionMatrix matrix(3);
  ASSERT_TRUE(matrix.AddCount(0, 1, 1000).ok());
  ASSERT_TRUE(matrix.AddCount(1, 0, 1000).ok());
  ASSERT_TRUE(matrix.AddCount(2, 1, 20).ok());
  EXPECT_EQ(ProposeMaskMap(matrix), "0=1,1=0,2=ignore");
}

}  // namespace
}  // namespace nbits
